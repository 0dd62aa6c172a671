import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { keepMsDefault } from "#lib/core/keep.ts";
import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { querySeries } from "#lib/query/series.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const nowMs = Date.now();
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
});
afterAll(() => test.drop());

const send = (spans: readonly SpanOptions[], delivered = true): Promise<string> =>
  sendSpans(ingest, spans, delivered);
const id = (bytes: number): string => randomBytes(bytes).toString("hex");

function serverSpan(service: string): SpanOptions {
  const ids = { traceId: id(16), spanId: id(8) };
  return { ...ids, kind: 2, startMs: nowMs - 60_000, durationMs: 3, status: 200, service };
}

describe("spans of one trace, split over requests in any order", () => {
  it("count each fallback once, and errors of upstreams apart from those of the proxy", async () => {
    const startMs = nowMs - 120_000;
    const traces = Array.from({ length: 6 }, () => {
      const traceId = id(16);
      const server = id(8);
      const call = { traceId, parent: server, kind: 3 as const };
      return [
        { traceId, spanId: server, kind: 2 as const, startMs, durationMs: 40, status: 200 },
        { ...call, spanId: id(8), startMs: startMs + 1, durationMs: 9, status: 503, host: "a" },
        { ...call, spanId: id(8), startMs: startMs + 11, durationMs: 5, status: 502, host: "b" },
        { ...call, spanId: id(8), startMs: startMs + 17, durationMs: 20, status: 200, host: "c" },
      ];
    });
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [1, 2, 3, 0],
      [0, 3, 1, 2],
      [2, 0, 3, 1],
    ];
    for (const [place, order] of orders.entries()) {
      for (const at of order) {
        const span = traces[place]?.[at];
        if (span === undefined) throw new Error("no such span");
        expect(await send([span])).toBe("accepted");
      }
    }
    const check = async (): Promise<void> => {
      const [edge] = await queryProxies(test.database, { project, window });
      expect(edge).toMatchObject({ proxy: "edge", requests: 6, errors: 0, fallbacks: 12 });
      const upstreams = await queryUpstreams(test.database, { project, window });
      expect(
        upstreams.map(({ upstream, attempts, errors, fallbacks }) => [
          upstream,
          attempts,
          errors,
          fallbacks,
        ]),
      ).toEqual(
        expect.arrayContaining([
          ["a", 6, 6, 6],
          ["b", 6, 6, 6],
          ["c", 6, 0, 0],
        ]),
      );
      const edges = await queryFallbacks(test.database, { project, window });
      expect(edges).toEqual(
        expect.arrayContaining([
          { proxy: "edge", from: "a", to: "b", count: 6, causes: { status_5xx: 6 } },
          { proxy: "edge", from: "b", to: "c", count: 6, causes: { status_5xx: 6 } },
        ]),
      );
      expect(edges).toHaveLength(2);
      const series = await querySeries(
        test.database,
        { project, window },
        { metric: ["requests", "fallbacks"], groupBy: "proxy", step: 60 },
      );
      const sumOf = (metric: string): number =>
        series.series
          .filter((line) => line.metric === metric)
          .flatMap((line) => line.points)
          .reduce((sum, [, value]) => sum + (value ?? 0), 0);
      expect(sumOf("requests")).toBe(6);
      expect(sumOf("fallbacks")).toBe(12);
    };
    await check();
    const waiting = await test.database.pool.query("SELECT FROM waiting_attempt");
    expect(waiting.rowCount).toBe(0);
    await closeBuckets(test.database, nowMs, keepMsDefault);
    const open = await test.database.pool.query("SELECT FROM rollup_open WHERE step = 10");
    expect(open.rowCount).toBe(0);
    await check();
    await closeBuckets(test.database, nowMs + 2 * 86_400_000, keepMsDefault);
    const closed = await test.database.pool.query("SELECT FROM rollup_open");
    expect(closed.rowCount).toBe(0);
    await check();
  });
});

describe("a body that is sent again", () => {
  it("counts once, whether its first answer was lost or not, as it holds the same ids", async () => {
    const lost = serverSpan("lost");
    await send([lost], false);
    await send([lost]);
    const answered = serverSpan("answered");
    await send([answered]);
    await send([answered]);
    const proxies = await queryProxies(test.database, { project, window });
    const requestsOf = (name: string): number | undefined =>
      proxies.find(({ proxy }) => proxy === name)?.requests;
    expect(requestsOf("lost")).toBe(1);
    expect(requestsOf("answered")).toBe(1);
  });
});
