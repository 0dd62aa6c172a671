import { afterAll, beforeAll, expect, it } from "vitest";

import { queryProxies } from "#lib/query/proxies.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const requests = 8;
const tracesEach = 800;
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const startMs = Date.now() - 5_000;
const padding = "x".repeat(400);

function traceIdOf(number: number): string {
  return (number + 1).toString(16).padStart(32, "0");
}

/** Requests of proxies in one body, their attempts in the body after the next. */
function spansOf(request: number): SpanOptions[] {
  const isAttempts = request % 4 > 1;
  return Array.from({ length: tracesEach }, (_, place) => {
    const number = (request - (isAttempts ? 2 : 0)) * tracesEach + place;
    const id = (number + 1).toString(16).padStart(15, "0");
    const common = { traceId: traceIdOf(number), startMs, status: 200, path: `/${padding}` };
    return isAttempts
      ? { ...common, spanId: `b${id}`, parent: `a${id}`, kind: 3, durationMs: 2, host: "origin" }
      : { ...common, spanId: `a${id}`, kind: 2, durationMs: 3 };
  });
}

it("a commit of many bytes makes blocks of at most a MiB, over which traces are joined and found", async () => {
  const ingest = await openIngest(test.database, { project, metrics: createMetrics() });
  const sending = Array.from({ length: requests }, (_, at) => sendSpans(ingest, spansOf(at)));
  expect(new Set(await Promise.all(sending))).toEqual(new Set(["accepted"]));
  await ingest.drained();
  const { rows } = await test.database.pool.query<{ raw_bytes: number; received: Date }>(
    "SELECT raw_bytes, received_at AS received FROM block",
  );
  const times = new Set(rows.map(({ received }) => received.getTime()));
  expect(rows.length).toBeGreaterThan(times.size);
  for (const { raw_bytes: bytes } of rows) expect(bytes).toBeLessThanOrEqual(1_048_576);
  const window = { fromMs: startMs - 600_000, toMs: startMs + 600_000 };
  const [proxy] = await queryProxies(test.database, { project, window });
  const exchanges = (requests * tracesEach) / 2;
  expect(proxy).toMatchObject({ requests: exchanges });
  const waiting = await test.database.pool.query("SELECT FROM waiting_attempt");
  expect(waiting.rowCount).toBe(0);
  for (const number of [0, tracesEach + 7, 5 * tracesEach + 3]) {
    const trace = await readTrace(test.database, { project, traceId: traceIdOf(number) });
    expect(trace?.spans.map(({ kind }) => kind)).toEqual(["server", "client"]);
  }
});
