import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { exchangesParams } from "#lib/contract/exchanges.ts";
import { logsParams } from "#lib/contract/logs.ts";
import { MalformedSegment } from "#lib/core/malformed-segment.ts";
import { homesOf } from "#lib/db/block-homes.ts";
import { storedExchanges } from "#lib/db/segments.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { ProcessReport } from "#lib/run/process-report.ts";
import { answerExchanges } from "#lib/run/read-exchanges.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { readOperations } from "#lib/run/read-operations.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { LeftOut, observeLeftOut } from "#lib/telemetry/left-out.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const nowMs = Date.now();
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
/** One trace for each block, of two exchanges. */
const traceIds = Array.from({ length: 5 }, () => randomBytes(16).toString("hex"));
const metrics = createMetrics();
let test: TestDatabase;
let ingest: Ingest;
let blockIds: number[];

beforeAll(async () => {
  test = await testDatabase();
  observeLeftOut(metrics);
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
  for (const [place, traceId] of traceIds.entries()) {
    const startMs = nowMs - 60_000 + place * 1_000;
    const ids = ["1", "2"].map((digit) => digit.repeat(16));
    await sendSpans(
      ingest,
      ids.map((spanId, at) => {
        const status = at === 0 ? 200 : 503;
        return { traceId, spanId, kind: 2, startMs, durationMs: 10 + place, status } as const;
      }),
    );
  }
  const { rows } = await test.database.pool.query<{ id: string }>(
    "SELECT id FROM block ORDER BY id",
  );
  blockIds = rows.map(({ id }) => Number(id));
});
afterAll(() => test.drop());

async function damage(statement: string, place: number): Promise<void> {
  const { rowCount } = await test.database.pool.query(statement, [blockIds[place]]);
  expect(rowCount).toBe(1);
}

async function tracesFound(
  order: "newest" | "worst",
): Promise<{ readonly places: number[]; readonly unreadable: number }> {
  const params = exchangesParams.parse({ order });
  const { items, unreadable } = await answerExchanges(test.database, { project, window }, params);
  const places = items.map(({ traceId }) => traceIds.indexOf(traceId ?? ""));
  return { places: places.toSorted((a, b) => a - b), unreadable };
}

it("answers have everything while nothing is damaged", async () => {
  const all = { places: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], unreadable: 0 };
  expect(await tracesFound("newest")).toEqual(all);
  expect(await tracesFound("worst")).toEqual(all);
  expect(metrics.text()).toContain('viascope_unreadable_rows{kind="segment"} 0');
});

it("segments and blocks that cannot be read are left out, and the answer says how many", async () => {
  await damage("UPDATE segment SET exchange_columns = '\\x28b52ffd00' WHERE block_id = $1", 0);
  await damage(
    "UPDATE segment SET traces = set_byte(traces, 0, get_byte(traces, 0) + 1) WHERE block_id = $1",
    1,
  );
  await damage(
    "UPDATE block SET payload = substr(payload, 1, octet_length(payload) / 2) WHERE id = $1",
    2,
  );
  const left = { places: [3, 3, 4, 4], unreadable: 3 };
  expect(await tracesFound("newest")).toEqual(left);
  expect(await tracesFound("worst")).toEqual(left);
  expect(await readTrace(test.database, { project, traceId: traceIds[0] ?? "" })).toMatchObject({
    spans: [{}, {}],
    unreadable: 0,
  });
  expect(await readTrace(test.database, { project, traceId: traceIds[2] ?? "" })).toBeNull();
});

it("a column that cannot be unpacked is found out when it is looked at, and leaves its segment out", async () => {
  const { rows } = await test.database.pool.query<{ columns: Buffer }>(
    "SELECT exchange_columns AS columns FROM segment WHERE block_id = $1",
    [blockIds[3]],
  );
  const columns = rows[0]?.columns ?? Buffer.alloc(0);
  // The last column is `failed`: one of two values, listed, in three bytes and one for the records.
  columns[columns.length - 4] = 9;
  await test.database.pool.query("UPDATE segment SET exchange_columns = $1 WHERE block_id = $2", [
    columns,
    blockIds[3],
  ]);
  expect(await tracesFound("worst")).toEqual({ places: [4, 4], unreadable: 4 });
  // Who does not ask for that column is not touched by it.
  expect(await tracesFound("newest")).toEqual({ places: [3, 3, 4, 4], unreadable: 3 });
});

async function recordsStored(): Promise<number> {
  let stored = 0;
  const segments = storedExchanges(test.database.pool, { project, ...window });
  for await (const { records } of segments) stored += records.length;
  return stored;
}

it("a reader that does not say what is to be done with them is refused", async () => {
  await expect(recordsStored()).rejects.toThrow(MalformedSegment);
});

it("an index page and the members of a merged block are left out alike", async () => {
  await damage("UPDATE trace_batch SET entries = entries || '\\x00' WHERE block_id = $1", 4);
  expect(await readTrace(test.database, { project, traceId: traceIds[4] ?? "" })).toBeNull();
  expect(await readTrace(test.database, { project, traceId: traceIds[3] ?? "" })).toMatchObject({
    spans: [{}, {}],
  });
  await damage("UPDATE block SET last_id = id, members = '\\x0109' WHERE id = $1", 4);
  const leftOut = new LeftOut();
  const homes = await homesOf(test.database.pool, project, blockIds, leftOut.add);
  expect([...homes.keys()].toSorted((a, b) => a - b)).toEqual(blockIds.slice(0, 4));
  expect(leftOut.rows).toBe(1);
  expect(await tracesFound("newest")).toEqual({ places: [3, 3], unreadable: 4 });
});

it("log lines of a damaged block are left out, and those of the others are shown", async () => {
  for (const line of ["first", "second"]) {
    const body = Buffer.from(`${line}\n`);
    await ingest.intake.accessLogs(body, new URLSearchParams("format=nginx&proxy=edge"), {
      wireBytes: body.length,
      receivedAtMs: Date.now(),
      digest: randomBytes(20).toString("hex"),
      delivered: Promise.resolve(true),
    });
  }
  await test.database.pool.query(
    `UPDATE log_block SET payload = '\\x28b52ffd00' WHERE id = (SELECT min(id) FROM log_block)`,
  );
  const answer = await readLogs(test.database, { project, window }, logsParams.parse({}));
  expect(answer.items.map(({ text }) => text)).toEqual(["second"]);
  expect(answer.unreadable).toBe(1);
});

it("an operator is told how many rows of which kind cannot be read, here and at /metrics", async () => {
  expect(metrics.text()).toContain('viascope_unreadable_rows{kind="segment"} 3');
  expect(metrics.text()).toContain('viascope_unreadable_rows{kind="block"} 2');
  const living = new ProcessReport(test.database, "web", metrics).start();
  try {
    await expect
      .poll(
        async () => (await readOperations(test.database, project, window, Date.now())).unreadable,
      )
      .toEqual([
        { kind: "segment", rows: 3 },
        { kind: "block", rows: 2 },
        { kind: "log_block", rows: 1 },
        { kind: "trace_index", rows: 1 },
      ]);
  } finally {
    await living.stop();
  }
});
