import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { keepMsDefault } from "#lib/core/keep.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { retain } from "#lib/run/retain.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const dayMs = 86_400_000;
const nowMs = Date.now();
const days = {
  traces: 14,
  accessLogs: 14,
  logs: 14,
  metrics: 14,
  rollup10s: 2,
  rollup1m: 30,
  rollup1h: 395,
  rollup1d: 1_830,
  operations: 7,
};
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, {
    project,
    metrics: createMetrics(),
    keptMs: {
      traces: days.traces * dayMs,
      accessLogs: days.accessLogs * dayMs,
      logs: days.logs * dayMs,
      metrics: days.metrics * dayMs,
    },
  });
});
afterAll(() => test.drop());

function spanAt(startMs: number, service: string): SpanOptions {
  const ids = { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex") };
  return { ...ids, kind: 2, startMs, durationMs: 20, status: 200, service };
}

async function requestsOf(service: string, fromMs: number, toMs: number): Promise<number> {
  const proxies = await queryProxies(test.database, { project, window: { fromMs, toMs } });
  return proxies.find(({ proxy }) => proxy === service)?.requests ?? 0;
}

async function rowsOf(table: string): Promise<number> {
  const answer = await test.database.pool.query(`SELECT FROM ${table}`);
  return answer.rowCount ?? 0;
}

async function exchangesStored(): Promise<number> {
  const answer = await test.database.pool.query<{ count: number }>(
    "SELECT coalesce(sum(exchanges), 0)::int AS count FROM segment",
  );
  return answer.rows[0]?.count ?? NaN;
}

it("counts a late record in the bucket it belongs to, at every width, long after that was closed", async () => {
  const atMs = nowMs - 3 * 3_600_000;
  await sendSpans(ingest, [spanAt(atMs, "late")]);
  await closeBuckets(test.database, nowMs, keepMsDefault);
  const closed = await rowsOf("rollup_1h");
  await sendSpans(ingest, [spanAt(atMs + 1, "late")]);
  expect(await requestsOf("late", atMs - 1_000, atMs + 10_000)).toBe(2);
  await closeBuckets(test.database, nowMs, keepMsDefault);
  // Appended beside the row of the first, which nobody touched.
  expect(await rowsOf("rollup_1h")).toBe(closed + 1);
  expect(await requestsOf("late", atMs - 1_000, atMs + 10_000)).toBe(2);
  expect(await requestsOf("late", nowMs - dayMs, nowMs)).toBe(2);
  expect(await requestsOf("late", atMs - 7_200_000, atMs - 3_600_000)).toBe(0);
});

it("counts a record older than the fine buckets are kept in the coarser ones", async () => {
  const atMs = nowMs - 5 * dayMs;
  await sendSpans(ingest, [spanAt(atMs, "old")]);
  await closeBuckets(test.database, nowMs, keepMsDefault);
  expect(await requestsOf("old", nowMs - 10 * dayMs, nowMs)).toBe(1);
  const fine = await test.database.pool.query("SELECT FROM rollup_10s WHERE bucket < $1", [
    new Date(nowMs - 3 * dayMs),
  ]);
  expect(fine.rowCount).toBe(0);
});

it("refuses records that are older than anything is kept, or a day ahead, and takes the others", async () => {
  const kinds = await sendSpans(ingest, [
    spanAt(nowMs - 20 * dayMs, "edges"),
    spanAt(nowMs + 2 * dayMs, "edges"),
    spanAt(nowMs, "edges"),
  ]);
  expect(kinds).toBe("accepted");
  expect(await requestsOf("edges", nowMs - 30 * dayMs, nowMs + 3 * dayMs)).toBe(1);
});

it("makes partitions ahead, and drops those whose time is over and no other", async () => {
  await retain(test.database, nowMs, days);
  const tomorrow = new Date(nowMs + dayMs).toISOString().slice(0, 10).replaceAll("-", "");
  const partitions = await test.database.pool.query(
    "SELECT FROM pg_class WHERE relname = ANY ($1)",
    [[`block_traces_p${tomorrow}`, `segment_traces_p${tomorrow}`, `rollup_10s_p${tomorrow}`]],
  );
  expect(partitions.rowCount).toBe(3);

  await sendSpans(ingest, [spanAt(nowMs - 13 * dayMs, "kept")]);
  const exchanges = await exchangesStored();
  expect(await retain(test.database, nowMs, days)).toEqual([]);
  expect(await exchangesStored()).toBe(exchanges);
  const dropped = await retain(test.database, nowMs + 2 * dayMs, days);
  expect(dropped.filter((name) => name.startsWith("segment_traces_p"))).toHaveLength(1);
  expect(await exchangesStored()).toBe(exchanges - 1);
  expect(await requestsOf("kept", nowMs - 14 * dayMs, nowMs)).toBe(1);
});
