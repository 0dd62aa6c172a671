import { expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { lokiBody, lokiStreams } from "#lib/decode/loki.ts";
import { syslogSource } from "#lib/decode/syslog.ts";
import { unsnapped } from "#lib/receive/http/snappy.ts";

import { LineBodies, type LineFormat } from "./lines.ts";
import { LokiPushes } from "./loki.ts";
import { Random } from "./random.ts";
import { SyslogMessages } from "./syslog.ts";

const nowMs = Date.UTC(2026, 10, 21, 8, 7, 6);
const formats = ["text", "json"] as const;

it.each(formats)("no two lines of %s are alike, and all are read to the last field", (format) => {
  const lines = linesOf(format, 5_000);
  expect(new Set(lines).size).toBe(lines.length);
  const records = lines.map(decoded);
  expect(records.every(({ durationUs, bytes }) => durationUs !== null && bytes !== null)).toBe(
    true,
  );
  expect(share(records, ({ cacheWord }) => cacheWord === "HIT")).toBeCloseTo(0.4, 1);
  expect(share(records, ({ attempts }) => attempts.length === 2)).toBeCloseTo(0.03, 1);
  expect(share(records, ({ status }) => status === 200)).toBeCloseTo(0.95, 1);
  expect(new Set(records.map(({ startUs, durationUs }) => startUs + (durationUs ?? 0)))).toEqual(
    new Set([nowMs * 1000]),
  );
});

it("asks for thousands of modules, some far more than others", () => {
  const modules = linesOf("text", 20_000).map((line) => decoded(line).path?.split("/@v/")[0]);
  const counts = [...Map.groupBy(modules, (module) => module).values()].map(({ length }) => length);
  expect(counts.length).toBeGreaterThan(3_000);
  expect(counts.length).toBeLessThan(20_000);
  expect(Math.max(...counts)).toBeGreaterThan(modules.length / 50);
});

it("both formats say the same of the same draws", () => {
  const [text, json] = formats.map((format) =>
    linesOf(format, 100).map((line) => {
      const { status, bytes, path, durationUs, attempts } = decoded(line);
      return { status, bytes, path, durationUs, attempts };
    }),
  );
  expect(json).toEqual(text);
});

it("a push of Loki holds the lines with their time", () => {
  const push = unsnapped(new LokiPushes(50, new Random(7)).next(nowMs));
  const body = lokiBody(lokiStreams(push, "protobuf"));
  const dated = linesOf("text", 50).map((line) => `2026-11-21T08:07:06.000000Z stdout F ${line}`);
  expect(textOf(body)).toEqual(dated);
});

it("messages of syslog hold the lines behind a header", () => {
  const messages = textOf(new SyslogMessages(50, new Random(7)).next(nowMs));
  expect(messages.map(syslogSource)).toEqual(messages.map(() => ({ host: "edge-1", app: "edge" })));
  expect(messages.map((message) => message.replace(/^.* edge: /, ""))).toEqual(linesOf("text", 50));
});

function linesOf(format: LineFormat, count: number): string[] {
  return textOf(new LineBodies(format, count, new Random(7)).next(nowMs));
}

function textOf(body: Buffer): string[] {
  return body.toString("latin1").trimEnd().split("\n");
}

function decoded(line: string): AccessRecord {
  const record = accessLogDecoder({ format: "nginx", logFormat: null }).decode(line);
  if (typeof record === "string") throw new Error(`${record} ${line}`);
  return record;
}

function share(records: readonly AccessRecord[], has: (record: AccessRecord) => boolean): number {
  return records.filter(has).length / records.length;
}
