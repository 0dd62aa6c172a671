import { createHash } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { retain } from "#lib/run/retain.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const nowMs = Date.now();
let test: TestDatabase;
let ingest: Ingest;
const metrics = createMetrics();

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics, seriesMax: 5 });
});
afterAll(() => test.drop());

function requestOf(metric: object): Buffer {
  const name = { key: "service.name", value: { stringValue: "edge" } };
  return Buffer.from(
    JSON.stringify({
      resourceMetrics: [
        { resource: { attributes: [name] }, scopeMetrics: [{ metrics: [metric] }] },
      ],
    }),
  );
}

function gauge(name: string, values: readonly number[], atMs = nowMs): object {
  const dataPoints = values.map((value) => ({
    timeUnixNano: `${atMs}000000`,
    asDouble: value,
    attributes: [{ key: "n", value: { intValue: value } }],
  }));
  return { name, gauge: { dataPoints } };
}

function post(body: Buffer, delivered = true, on = ingest) {
  if (on.intake.metrics === undefined) throw new Error("metrics are not taken");
  return on.intake.metrics(body, "json", {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(delivered),
  });
}

async function stored(name: string) {
  const { rows } = await test.database.pool.query<{ value: number; n: string; proxy: string }>(
    `SELECT value, attributes ->> 'n' AS n, proxy FROM metric_point
       JOIN metric_series ON id = series_id WHERE name = $1 ORDER BY at, value`,
    [name],
  );
  return rows;
}

it("points are stored when they are acknowledged, each with what tells its series apart", async () => {
  expect(await post(requestOf(gauge("g", [1, 2])))).toMatchObject({
    kind: "accepted",
    rejected: 0,
  });
  expect(await post(requestOf(gauge("g", [1], nowMs + 1_000)))).toMatchObject({ rejected: 0 });
  expect(await stored("g")).toEqual([
    { value: 1, n: "1", proxy: "edge" },
    { value: 2, n: "2", proxy: "edge" },
    { value: 1, n: "1", proxy: "edge" },
  ]);
  const { rows } = await test.database.pool.query(
    "SELECT count(*)::int AS series FROM metric_series",
  );
  expect(rows).toEqual([{ series: 2 }]);
});

it("a body that is sent again because its answer was lost is stored once, also after a restart", async () => {
  const body = requestOf(gauge("again", [1]));
  await post(body, false);
  await new Promise((resolve) => setImmediate(resolve));
  await post(body, false);
  const restarted = await openIngest(test.database, { project, metrics: createMetrics() });
  expect(await post(body, true, restarted)).toMatchObject({ kind: "accepted", rejected: 0 });
  expect(await stored("again")).toHaveLength(1);
});

it("series beyond the limit are refused and counted, those that are known go on", async () => {
  const result = await post(requestOf(gauge("many", [1, 2, 3, 4])));
  expect(result).toMatchObject({ kind: "accepted", rejected: 2 });
  expect(result).toHaveProperty("message", expect.stringContaining("VIASCOPE_METRIC_SERIES_MAX"));
  expect(await stored("many")).toHaveLength(2);
  expect(await post(requestOf(gauge("g", [2], nowMs + 2_000)))).toMatchObject({ rejected: 0 });
  expect(metrics.text()).toContain(
    'viascope_ingest_rejected_total{signal="metrics",reason="series_limit"} 2',
  );
});

it("points of another time are refused, and what cannot be read is invalid", async () => {
  const old = await post(requestOf(gauge("g", [1], nowMs - 90 * 86_400_000)));
  expect(old).toMatchObject({ kind: "accepted", rejected: 1 });
  const future = await post(requestOf(gauge("g", [1], nowMs + 2 * 86_400_000)));
  expect(future).toMatchObject({ kind: "accepted", rejected: 1 });
  expect(await post(Buffer.from("{"))).toMatchObject({ kind: "invalid" });
});

it("retention drops days of points and forgets series that have none", async () => {
  const retention = {
    traces: 14,
    accessLogs: 14,
    logs: 14,
    metrics: 3,
    operations: 7,
    rollup10s: 2,
    rollup1m: 30,
    rollup1h: 395,
    rollup1d: 900,
  };
  await retain(test.database, nowMs + 86_400_000, retention);
  expect(await stored("g")).not.toHaveLength(0);
  const dropped = await retain(test.database, nowMs + 6 * 86_400_000, retention);
  expect(dropped.some((name) => name.startsWith("metric_point_p"))).toBe(true);
  expect(await stored("g")).toHaveLength(0);
  const { rows } = await test.database.pool.query("SELECT 1 FROM metric_series");
  expect(rows).toEqual([]);
});
