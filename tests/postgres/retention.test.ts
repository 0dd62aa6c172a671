import { createHash, randomBytes } from "node:crypto";

import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from "vitest";

import type { RetentionDays } from "#lib/config/settings.ts";
import { exchangesParams } from "#lib/contract/exchanges.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { retain } from "#lib/run/retain.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const dayMs = 86_400_000;
const nowMs = Date.now();
const agoMs = nowMs - 5 * dayMs;
const usual: RetentionDays = {
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

describe("of a span and a line of five days ago", () => {
  let test: TestDatabase;
  let ingest: Ingest;
  const traceId = randomBytes(16).toString("hex");

  beforeEach(async () => {
    test = await testDatabase();
    const metrics = createMetrics();
    // As it came then.
    ingest = await openIngest(test.database, { project, metrics, nowMs: () => agoMs });
    await sendSpans(ingest, [
      {
        traceId,
        spanId: randomBytes(8).toString("hex"),
        kind: 2,
        status: 200,
        service: "spans",
        startMs: agoMs,
        durationMs: 5,
      },
    ]);
    await sendLine(ingest, agoMs);
  });
  afterEach(() => test.drop());

  async function left() {
    const window = { fromMs: agoMs - dayMs, toMs: nowMs };
    const params = exchangesParams.parse({});
    return readExchanges(test.database, { project, window }, params);
  }

  async function proxiesLeft(): Promise<string[]> {
    return (await left()).map(({ proxy }) => proxy).toSorted();
  }

  const traceLeft = async () => (await readTrace(test.database, { project, traceId })) !== null;

  it("both stay for as long as both are kept", async () => {
    await retain(test.database, nowMs, usual);
    expect(await proxiesLeft()).toEqual(["lines", "spans"]);
    expect(await traceLeft()).toBe(true);
  });

  it("the line stays when traces are kept for three days", async () => {
    await retain(test.database, nowMs, { ...usual, traces: 3 });
    const [exchange, ...more] = await left();
    expect([exchange?.proxy, more]).toEqual(["lines", []]);
    const read = await readExchange(test.database, { project, id: exchange?.id ?? "" });
    expect(JSON.stringify(read?.raw)).toContain("GET /five-days-ago");
    expect(await traceLeft()).toBe(false);
    expect(await parents(test)).toEqual(["block_access_logs", "segment_access_logs"]);
  });

  it("the span stays when access logs are kept for three days", async () => {
    await retain(test.database, nowMs, { ...usual, accessLogs: 3 });
    expect(await proxiesLeft()).toEqual(["spans"]);
    expect(await traceLeft()).toBe(true);
    expect(await parents(test)).toEqual(["block_traces", "segment_traces"]);
  });

  it("nothing stays when both are kept for three days", async () => {
    await retain(test.database, nowMs, { ...usual, traces: 3, accessLogs: 3 });
    expect(await proxiesLeft()).toEqual([]);
    expect(await parents(test)).toEqual([]);
  });
});

/** Tables of blocks and segments that have a partition for five days ago. */
async function parents({ database }: TestDatabase): Promise<string[]> {
  const stamp = new Date(agoMs).toISOString().slice(0, 10).replaceAll("-", "");
  const answer = await database.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relkind = 'r' AND relname ~ ('^(block|segment)_.*_p' || $1 || '$') ORDER BY relname`,
    [stamp],
  );
  return answer.rows.map(({ name }) => name.slice(0, name.lastIndexOf("_p")));
}

describe("records that are older than their kind is kept", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it("are refused, and those of kinds that are kept for longer are taken", async () => {
    const keptMs = { traces: 3 * dayMs, accessLogs: 14 * dayMs, logs: dayMs, metrics: dayMs };
    const metrics = createMetrics();
    const ingest = await openIngest(test.database, { project, metrics, keptMs });
    await sendSpans(ingest, [
      {
        traceId: randomBytes(16).toString("hex"),
        spanId: randomBytes(8).toString("hex"),
        kind: 2,
        status: 200,
        startMs: agoMs,
        durationMs: 5,
      },
    ]);
    expect(await sendLine(ingest, agoMs)).toMatchObject({ answer: { accepted: 1, rejected: 0 } });
    expect(metrics.text()).toContain(
      'viascope_ingest_rejected_total{signal="traces",reason="older_than_retention"} 1\n',
    );
  });
});

function sendLine(ingest: Ingest, atMs: number) {
  const line = JSON.stringify({
    msec: (atMs / 1_000).toFixed(3),
    request: "GET /five-days-ago HTTP/1.1",
    status: "200",
  });
  const body = Buffer.from(`${line}\n`);
  return ingest.intake.accessLogs(body, new URLSearchParams("format=nginx&proxy=lines"), {
    wireBytes: body.length,
    receivedAtMs: atMs,
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(true),
  });
}
