import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import * as operations from "#app/api/v1/operations/route.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { operationsAnswer } from "#lib/contract/operations.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { RuleSeriesReader } from "#lib/query/rule-series.ts";
import { forgetOperations } from "#lib/run/forget-operations.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { Senders } from "#lib/run/ingest/senders.ts";
import { readDisk } from "#lib/run/operations/disk.ts";
import { ProcessReport } from "#lib/run/process-report.ts";
import { readOperations } from "#lib/run/read-operations.ts";
import { retain } from "#lib/run/retain.ts";
import { setAside } from "#lib/store/blocks-aside.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const dayMs = 86_400_000;
const retention = {
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

function gaugeAt(service: string, atMs: number): object {
  const attributes = [{ key: "service.name", value: { stringValue: service } }];
  const dataPoints = [{ timeUnixNano: `${atMs}000000`, asInt: "1" }];
  const metrics = [{ name: "connections", gauge: { dataPoints } }];
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
}

describe("what an operator is told", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    adoptSettings({ DATABASE_URL: test.url });
  });
  afterAll(() => test.drop());

  function read(nowMs = Date.now()) {
    const window = { fromMs: nowMs - 3_600_000, toMs: nowMs };
    return readOperations(test.database, project, window, nowMs);
  }

  it("a process is there while it lives, and what it counted stays when it is gone", async () => {
    const metrics = createMetrics();
    const report = new ProcessReport(test.database, "ingest", metrics).start();
    const ingest = await openIngest(test.database, { project, metrics });
    const span = { traceId: "a".repeat(32), spanId: "b".repeat(16), kind: 2, status: 200 } as const;
    await sendSpans(ingest, [
      { ...span, startMs: Date.now() - 500, durationMs: 10 },
      { ...span, startMs: Date.now() - 400 * dayMs, durationMs: 10 },
    ]);
    await expect.poll(async () => (await read()).processes.length).toBe(1);
    expect((await read()).processes[0]).toMatchObject({ role: "ingest", alive: true });
    expect((await read(Date.now() + 60_000)).processes[0]?.alive).toBe(false);
    await report.stop();

    const after = await read(Date.now() + 120_000);
    expect(after.processes).toEqual([]);
    const stored = after.accepted.find(({ signal }) => signal === "traces")?.points ?? [];
    const perSecond = stored.reduce((sum, [, value]) => sum + (value ?? 0), 0);
    expect(perSecond * after.window.stepSeconds).toBeCloseTo(1);
    expect(after.refused).toMatchObject([
      { signal: "traces", reason: "older_than_retention", total: 1 },
    ]);
    expect(after.lagMsP99.some(([, value]) => value !== null && value > 0)).toBe(true);
  });

  it("how full the spool of a process is, where it has one, and blocks that cannot be merged", async () => {
    const metrics = createMetrics();
    const report = new ProcessReport(test.database, "ingest", metrics).start();
    await expect.poll(async () => (await read()).processes[0]?.spool).toBe(null);
    metrics.observe("viascope_spool_bytes", "Bytes.", () => 850);
    metrics.observe("viascope_spool_bytes_max", "Bytes.", () => 1_000);
    await report.stop();
    const other = new ProcessReport(test.database, "ingest", metrics).start();
    await expect
      .poll(async () => (await read()).processes[0]?.spool)
      .toEqual({ bytes: 850, bytesMax: 1_000 });
    await other.stop();

    expect((await read()).blocksAside).toEqual({ blocks: 0, reason: null });
    const aside = { project, ids: [7, 8], retryMs: Date.now() + 60_000 };
    await setAside(test.database, { ...aside, reason: "no zstd\0" });
    await setAside(test.database, { ...aside, project: 2, ids: [9], reason: "another's" });
    expect((await read()).blocksAside).toEqual({ blocks: 2, reason: "no zstd" });
  });

  it("a sender whose clock is ahead is shown as such, and judged by rules", async () => {
    const nowMs = Date.now();
    const senders = new Senders(test.database, project, createMetrics());
    const grant = { project, token: null, address: "10.0.0.7", spend: () => {} };
    for (let minute = 4; minute >= 0; minute -= 1) {
      const receivedMs = nowMs - minute * 60_000;
      const newestEndUs = (receivedMs + 7_000) * 1_000;
      senders.hear([{ proxy: "skewed", instance: "a\0b", newestEndUs }], receivedMs, grant);
      senders.hear(
        [{ proxy: "true", instance: null, newestEndUs: receivedMs * 1_000 }],
        receivedMs,
        grant,
      );
    }
    await senders.close();
    const { items, total } = (await read(nowMs)).senders;
    expect(total).toBeGreaterThanOrEqual(2);
    expect(items[0]).toMatchObject({
      proxy: "skewed",
      address: "10.0.0.7",
      clockAheadMs: 7_000,
      clock: "bad",
    });
    expect(items.find(({ proxy }) => proxy === "true")?.clock).toBe("good");
    expect((await read(nowMs + 600_000)).senders.items[0]?.clock).toBe("unknown");

    const ingest = await openIngest(test.database, { project, metrics: createMetrics() });
    await sendSpans(ingest, [
      {
        traceId: "c".repeat(32),
        spanId: "d".repeat(16),
        kind: 2,
        status: 200,
        service: "skewed",
        startMs: nowMs,
        durationMs: 5,
      },
    ]);
    const reader = new RuleSeriesReader(test.database, project);
    const { groups } = await reader.read(Date.now(), [{ seconds: 300, latency: false }]);
    expect(groups.find(({ proxy }) => proxy === "skewed")?.clockOffMs).toBe(7_000);
  });

  it("those who send log lines and metrics only are senders too, with their clocks where their records tell times", async () => {
    const nowMs = Date.now();
    const senders = new Senders(test.database, project, createMetrics());
    const ingest = await openIngest(test.database, { project, metrics: createMetrics(), senders });
    const grant = { project, token: null, address: "10.0.0.8", spend: () => {} };
    const requestAt = (receivedAtMs: number) => ({
      wireBytes: 1,
      receivedAtMs,
      digest: randomBytes(20).toString("hex"),
      delivered: Promise.resolve(true),
      grant,
    });
    const sendLine = (proxy: string, text: string, receivedMs: number) =>
      ingest.intake.accessLogs(
        Buffer.from(`${text}\n`),
        new URLSearchParams({ proxy }),
        requestAt(receivedMs),
      );
    for (let minute = 4; minute >= 0; minute -= 1) {
      const receivedMs = nowMs - minute * 60_000;
      const aheadMs = receivedMs + 9_000;
      const day = new Date(aheadMs).toISOString().slice(0, 19).replaceAll("-", "/");
      await sendLine(
        "errors-ahead",
        `${day.replace("T", " ")} [error] 9#9: *1 no luck`,
        receivedMs,
      );
      await sendLine("no-times", "what is this?", receivedMs);
      const body = Buffer.from(JSON.stringify(gaugeAt("gauge-ahead", aheadMs)));
      await ingest.intake.metrics?.(body, "json", requestAt(receivedMs));
    }
    await senders.close();
    const { items } = (await read(nowMs)).senders;
    const found = (proxy: string) => items.find((item) => item.proxy === proxy);
    expect(found("gauge-ahead")).toMatchObject({ clockAheadMs: 9_000, clock: "bad" });
    expect(found("errors-ahead")).toMatchObject({ address: "10.0.0.8", clock: "bad" });
    // The line tells whole seconds.
    expect(found("errors-ahead")?.clockAheadMs).toBeGreaterThan(8_000);
    expect(found("no-times")).toMatchObject({ clockAheadMs: null, clock: "unknown" });
  });

  it("senders beyond the most that are kept make room, the oldest first, and are counted", async () => {
    const metrics = createMetrics();
    const senders = new Senders(test.database, project, metrics);
    const receivedMs = Date.now() - dayMs;
    for (let place = 0; place < 1_100; place += 1) {
      const heard = { proxy: `many-${place}`, instance: null, newestEndUs: receivedMs * 1_000 };
      senders.hear([heard], receivedMs + place, undefined);
    }
    await senders.close();
    expect(metrics.text()).toContain("viascope_ingest_senders_forgotten_total 100");
    const { rows } = await test.database.pool.query<{ count: string }>(
      "SELECT count(*) FROM sender WHERE proxy LIKE 'many-%'",
    );
    expect(Number(rows[0]?.count)).toBe(1_000);
    await forgetOperations(test.database, receivedMs + 8 * dayMs, 7);
    expect((await read()).senders.items.some(({ proxy }) => proxy.startsWith("many-"))).toBe(false);
  });

  it("the room of each day is told by signal, and how long what is free will do", async () => {
    const nowMs = Date.now();
    await retain(test.database, nowMs, retention);
    const young = await readDisk(test.database, { databaseUrl: test.url, retention }, nowMs);
    expect(young.disk.forecast).toEqual({ kind: "notEnoughHistory" });
    expect(young.disk.freeBytes).toBeGreaterThan(0);
    await fillDay(nowMs - dayMs, 2);
    await fillDay(nowMs - 2 * dayMs, 2);
    await fillDay(nowMs - 3 * dayMs, 1);
    const { disk } = await readDisk(test.database, { databaseUrl: test.url, retention }, nowMs);
    const yesterday = new Date(nowMs - dayMs).toISOString().slice(0, 10);
    const parts = disk.days.find(({ day }) => day === yesterday)?.parts ?? [];
    const bytes = Object.fromEntries(parts.map(({ kind, bytes: size }) => [kind, size]));
    expect(bytes["traces"]).toBeGreaterThan(2_000_000);
    expect((bytes["traces"] ?? 0) / (bytes["access-logs"] ?? 1)).toBeCloseTo(3, 0);
    expect(disk.forecast).toMatchObject({ bytesPerDay: expect.any(Number) });
    const elsewhere = { databaseUrl: "postgres://u@db.example.com/v", retention };
    const remote = await readDisk(test.database, elsewhere, nowMs);
    expect(remote.disk).toMatchObject({ freeBytes: null, forecast: { kind: "unknown" } });
  });

  async function fillDay(timeMs: number, megabytes: number): Promise<void> {
    for (const table of ["block_traces", "block_access_logs"] as const) {
      await ensurePartitions(test.database, table, [timeMs]);
    }
    await test.database.pool.query(
      `INSERT INTO block (received_at, id, records, raw_bytes, project_id, signal, stream, payload)
       SELECT $1, n, 1, 10000, 1, CASE WHEN n % 4 = 0 THEN 'access-logs' ELSE 'traces' END, NULL,
              decode(repeat(md5(n::text), 625), 'hex')
         FROM generate_series(1, $2) AS n`,
      [new Date(timeMs), megabytes * 100 * 2],
    );
  }

  it("the API answers by its contract, and refuses a window that is none", async () => {
    const answer = operationsAnswer.parse(await (await ask("?from=now-1h&to=now")).json());
    expect(answer.retention.map(({ variable }) => variable)).toContain(
      "VIASCOPE_RETENTION_TRACES_DAYS",
    );
    expect((await ask("?from=yesterday")).status).toBe(400);
  });
});

function ask(search: string): Promise<Response> {
  const request = new Request(`http://localhost:3000/api/v1/operations${search}`);
  return operations.GET(request, { params: Promise.resolve({}) });
}
