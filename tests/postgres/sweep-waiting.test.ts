import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { sweepWaiting } from "#lib/run/sweep-waiting.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const nowMs = Date.now();
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const openOne = () => openIngest(test.database, { project, metrics: createMetrics() });
const id = (bytes: number): string => randomBytes(bytes).toString("hex");

it("counts the fallbacks of a trace whose spans went to two ingest processes, once, when it is swept", async () => {
  const [first, second] = [await openOne(), await openOne()];
  const traceId = id(16);
  const server = id(8);
  const startMs = nowMs - 90_000;
  const call = { traceId, parent: server, kind: 3 as const };
  const spans: Record<"a" | "b" | "c" | "server", SpanOptions> = {
    a: { ...call, spanId: id(8), startMs: startMs + 1, durationMs: 5, status: 503, host: "a" },
    b: { ...call, spanId: id(8), startMs: startMs + 9, durationMs: 5, status: 503, host: "b" },
    c: { ...call, spanId: id(8), startMs: startMs + 19, durationMs: 5, status: 200, host: "c" },
    server: { traceId, spanId: server, kind: 2, startMs, durationMs: 30, status: 200 },
  };
  // The second process knows a and c, and must have counted a to c before it learns of b.
  await sendSpans(first, [spans.b]);
  await sendSpans(second, [spans.a, spans.c, spans.server]);
  const edges = () => queryFallbacks(test.database, { project, window });
  expect((await edges()).map(({ from, to, count }) => [from, to, count])).toEqual([["a", "c", 1]]);

  expect(await sweepWaiting(test.database, nowMs)).toEqual({ joined: 0, forgotten: 0 });
  expect(await mergeTraceIndex(test.database, nowMs + 65_000)).toMatchObject({ batches: 2 });
  expect(await sweepWaiting(test.database, nowMs + 70_000)).toEqual({ joined: 1, forgotten: 0 });
  expect(await sweepWaiting(test.database, nowMs + 70_000)).toEqual({ joined: 0, forgotten: 0 });
  const counted = (await edges()).map(({ from, to, count }) => `${from} ${to} ${count}`);
  expect(new Set(counted)).toEqual(new Set(["a b 1", "b c 1"]));
});

it("forgets attempts whose SERVER span never comes, and still counts them as attempts", async () => {
  const ingest = await openOne();
  const traceId = id(16);
  await sendSpans(ingest, [
    {
      traceId,
      spanId: id(8),
      parent: id(8),
      kind: 3,
      startMs: nowMs,
      durationMs: 5,
      status: 200,
      host: "lonely",
    },
  ]);
  expect(await sweepWaiting(test.database, nowMs + 1_000_000)).toEqual({ joined: 0, forgotten: 1 });
  const left = await test.database.pool.query("SELECT FROM waiting_attempt");
  expect(left.rowCount).toBe(0);
});
