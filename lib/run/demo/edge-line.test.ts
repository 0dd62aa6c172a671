import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";

import { edgeLine, edgeLogFormat, edgeName } from "./edge-line.ts";
import { exchangesOfSecond } from "./model.ts";

const plan = { seed: 3, perSecond: 50, startedSecond: 1_795_000_000 };
const exchanges = Array.from({ length: 100 }, (_, place) =>
  exchangesOfSecond(plan, plan.startedSecond + place),
).flat();
const decoder = accessLogDecoder({ format: "nginx", logFormat: edgeLogFormat });
const origin = { proxy: edgeName, instance: null };

describe("a log line of the demo's edge", () => {
  it("is read to its end, and says what the exchange was", () => {
    for (const exchange of exchanges) {
      const record = decoder.decode(edgeLine(exchange));
      if (typeof record === "string") throw new Error(record);
      expect(record).toMatchObject({
        path: exchange.path,
        status: exchange.status,
        bytes: exchange.bytes,
        cacheWord: exchange.cache,
        traceId: exchange.traceId,
        client: exchange.client,
        unread: null,
      });
      expect(Math.abs(record.startUs / 1_000 - exchange.startMs)).toBeLessThan(1_001);
      const read = exchangeOfRecord(record, origin);
      expect(read.module).not.toBeNull();
      expect(read.attempts.map(({ endpoint }) => endpoint)).toEqual(
        exchange.attempts.map(({ address }) => address),
      );
    }
  });

  it("tells of an instance that refused, and of the one asked in its place", () => {
    const line = exchanges.find(({ attempts }) => attempts.length === 2);
    if (line === undefined) throw new Error("no instance refused");
    const record = decoder.decode(edgeLine(line));
    expect(record).toMatchObject({
      attempts: [
        { status: null, errorType: "connection_refused" },
        { upstream: "athens", status: line.status, errorType: null },
      ],
    });
  });
});
