import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { attemptFailed } from "#lib/core/outcome.ts";
import { relationsOf } from "#lib/core/relations.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";

import { nginxDecoder } from "./nginx.ts";
import { compiledLogFormat } from "./nginx/log-format.ts";

/** What a real nginx 1.22.1 wrote when it was driven through failures of known kind. */
const fixtures = new URL("../../../tests/fixtures/access-log/", import.meta.url);
const origin = { proxy: "edge", instance: null };

function recordsOf(file: string, logFormat: string | null = null): AccessRecord[] {
  const decoder = nginxDecoder(logFormat);
  const lines = readFileSync(new URL(file, fixtures), "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => {
    const record = decoder.decode(line);
    if (typeof record === "string") throw new TypeError(`${record} ${line}`);
    return record;
  });
}

function countsOf(values: readonly (string | number | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

const inCommon = (record: AccessRecord): unknown => ({
  method: record.method,
  path: record.path,
  client: record.client,
  userAgent: record.userAgent,
  status: record.status,
  bytes: record.bytes,
  // Without a cache word nobody can tell that a stale answer's duration is not the client's.
  durationUs: record.cacheWord === "STALE" ? null : record.durationUs,
  endpoints: record.attempts.map(({ endpoint, durationUs }) => [endpoint, durationUs]),
  unread: record.unread,
});

const said = (record: AccessRecord): unknown => [
  record.cacheWord,
  record.errorType,
  record.attempts.map(({ errorType, canceled, status }) => [errorType, canceled, status]),
];

describe("the sums over the lab's 75 lines are those of the origins' own log", () => {
  const records = recordsOf("nginx/lab-nginx-timed.log");
  const exchanges = records.map((record) => exchangeOfRecord(record, origin));

  it("cache words", () => {
    expect(countsOf(records.map(({ cacheWord }) => cacheWord))).toEqual({
      MISS: 47,
      HIT: 5,
      EXPIRED: 2,
      STALE: 2,
      UPDATING: 1,
      REVALIDATED: 1,
      BYPASS: 1,
      "-": 16,
    });
  });

  it("cache outcomes", () => {
    expect(countsOf(exchanges.map(({ cache }) => cache))).toEqual({
      miss: 47,
      hit: 5,
      expired: 2,
      stale: 3,
      revalidated: 1,
      bypass: 1,
      none: 16,
    });
  });

  it("statuses", () => {
    expect(countsOf(records.map(({ status }) => status))).toEqual({
      200: 46,
      502: 12,
      400: 8,
      504: 2,
      404: 1,
      410: 1,
      500: 1,
      304: 1,
      503: 1,
      499: 1,
      9: 1,
    });
  });

  it("requests with more than one attempt", () => {
    expect(records.filter(({ attempts }) => attempts.length > 1)).toHaveLength(11);
  });

  it("attempts that got no answer, by what the line can say of it", () => {
    const failed = records.flatMap(({ attempts }) => attempts).map(({ errorType }) => errorType);
    expect(countsOf(failed.filter((error) => error !== null))).toEqual({
      connection_refused: 14,
      connection_timeout: 1,
      connection_read_timeout: 2,
      connection_terminated: 2,
      destination_unavailable: 1,
      http_protocol_error: 1,
    });
  });

  it("one attempt was canceled, and it failed nobody", () => {
    const canceled = exchanges
      .flatMap(({ attempts }) => attempts)
      .filter((attempt) => attempt.canceled);
    expect(canceled).toHaveLength(1);
    expect(canceled.filter((attempt) => attemptFailed(attempt))).toEqual([]);
  });

  it("every second attempt is a fallback from the first", () => {
    const relations = exchanges.flatMap(({ attempts }) => relationsOf(attempts));
    expect(countsOf(relations.map(({ kind }) => kind))).toEqual({ fallback: 11 });
  });

  it("and the combined log of the same requests says the same as far as it goes", () => {
    const plain = recordsOf("nginx/lab-nginx-combined.log");
    expect(plain.map(({ status, bytes, path, method }) => [status, bytes, path, method])).toEqual(
      records.map(({ status, bytes, path, method }) => [status, bytes, path, method]),
    );
  });
});

describe("four formats of the same 67 requests say the same", () => {
  const logFormats = Object.fromEntries(
    [
      ...readFileSync(new URL("nginx-lab/nginx.conf", fixtures), "utf8").matchAll(
        /log_format (\w+) [^;]*;(?=\n)/g,
      ),
    ].map(([directive, name = ""]) => [name, directive]),
  );
  const timed = recordsOf("nginx-lab/timed.log");

  it("has the three log_formats", () => {
    expect(Object.keys(logFormats)).toEqual(["upstreaminfo", "timed", "jsonl"]);
  });

  // Without a cache word nobody can tell that a stale answer's duration is not the client's.
  it.each([
    ["timed.log", "timed"],
    ["upstreaminfo.log", null],
    ["upstreaminfo.log", "upstreaminfo"],
    ["json.log", null],
    ["json.log", "jsonl"],
  ])("%s by log_format %s", (file, name) => {
    const records = recordsOf(`nginx-lab/${file}`, name === null ? null : (logFormats[name] ?? ""));
    const wasStale = timed.map(({ cacheWord }) => cacheWord === "STALE");
    const measured = (_: AccessRecord, place: number): boolean => wasStale[place] === false;
    expect(records.filter(measured).map(inCommon)).toEqual(timed.filter(measured).map(inCommon));
  });

  it("JSON and text agree on every error and cache word", () => {
    expect(recordsOf("nginx-lab/json.log").map(said)).toEqual(timed.map(said));
  });

  it("ingress-nginx names the group, and each line has a trace", () => {
    const records = recordsOf("nginx-lab/upstreaminfo.log");
    expect(records.filter(({ traceId }) => traceId === null)).toEqual([]);
    expect(
      new Set(records.flatMap(({ attempts }) => attempts.map(({ upstream }) => upstream))),
    ).toContain("ab");
  });
});

it("knows every variable of the log_format of our documentation", () => {
  const documentation = readFileSync(new URL("../../../docs/sources.md", import.meta.url), "utf8");
  const directive = /```nginx nginx-json\n(log_format [^;]+;)/.exec(documentation)?.[1] ?? "";
  const compiled = compiledLogFormat(directive);
  const variables = [...directive.matchAll(/\$\w+/g)];
  expect(compiled).toMatchObject({ isJson: true, keys: { size: variables.length } });
  expect(variables.length).toBeGreaterThan(15);
});
