import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { signed } from "#lib/core/signed-bits.ts";
import type { LeaveOut } from "#lib/core/stored-kind.ts";
import { TraceEntries } from "#lib/core/trace-entries.ts";
import type { TraceHit } from "#lib/core/trace-list.ts";
import { append } from "#lib/db/appends.ts";
import { dropPartitions, ensurePartitions } from "#lib/db/partitions.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { queryTraceBlocks, queryTraceHits } from "#lib/query/trace-blocks.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { retain } from "#lib/run/retain.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import { BlockIds } from "#lib/store/block-id.ts";
import { listRuns, takeBatches, takeRuns, waitingBatches } from "#lib/store/trace-runs.ts";
import { observeLeftOut } from "#lib/telemetry/left-out.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const todayMs = Math.floor(Date.now() / dayMs) * dayMs;
const noonMs = todayMs - dayMs / 2;
const ids = new BlockIds(1);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(() =>
  test.database.pool.query("TRUNCATE trace_batch, trace_run, trace_run_page, trace_day_page"),
);

interface Trace {
  readonly low: number;
  readonly isExchange?: boolean;
}

/** Stores a block of traces as ingest does, and gives its id. */
async function store(
  traces: readonly Trace[],
  { receivedMs = noonMs, of = project }: { receivedMs?: number; of?: number } = {},
): Promise<number> {
  const id = ids.next(receivedMs);
  const entries = new TraceEntries();
  for (const { low, isExchange = false } of traces) entries.add(0, low, isExchange);
  await ensurePartitions(test.database, "trace_batch", [receivedMs]);
  const rows = new BatchRows();
  rows.addTraces({ id, project: of, receivedMs }, entries);
  const packed = await rows.packed();
  await inTransaction(test.database, (client) => append(client, (to) => packed.addTo(to)));
  return id;
}

const hashOf = (low: number): string => signed({ high: 0, low });

async function hitsOf(low: number, of = project): Promise<TraceHit[]> {
  const hash = hashOf(low);
  return (await queryTraceHits(test.database, { project: of, hashes: [hash] })).get(hash) ?? [];
}

async function levels(): Promise<number[]> {
  const answer = await test.database.pool.query<{ level: number }>(
    "SELECT level FROM trace_run ORDER BY level",
  );
  return answer.rows.map(({ level }) => level);
}

async function count(table: string): Promise<number> {
  const answer = await test.database.pool.query(`SELECT FROM ${table}`);
  return answer.rowCount ?? 0;
}

describe("a trace", () => {
  it("is found from its commit on, through every merge, with its exchange", async () => {
    const first = await store([{ low: 1, isExchange: true }, { low: 2 }]);
    const second = await store([{ low: 1 }], { receivedMs: noonMs + 1_000 });
    const expectFound = async (): Promise<void> => {
      expect(await hitsOf(1)).toEqual([
        { blockId: second, hasExchange: false },
        { blockId: first, hasExchange: true },
      ]);
      expect(await hitsOf(2)).toEqual([{ blockId: first, hasExchange: false }]);
      expect(await hitsOf(3)).toEqual([]);
    };
    await expectFound();

    const young = await mergeTraceIndex(test.database, noonMs + 30_000);
    expect(young).toEqual({ batches: 0, runs: 0, entries: 0 });
    const merged = await mergeTraceIndex(test.database, noonMs + 62_000);
    expect(merged).toEqual({ batches: 2, runs: 0, entries: 3 });
    expect([await levels(), await count("trace_batch")]).toEqual([[1], 0]);
    await expectFound();

    await mergeTraceIndex(test.database, todayMs + 9 * minuteMs);
    expect(await levels()).toEqual([1]);
    await mergeTraceIndex(test.database, todayMs + 11 * minuteMs);
    expect([await levels(), await count("trace_run_page")]).toEqual([[15], 0]);
    await expectFound();
  });

  it("is found in runs of many pages, and over days", async () => {
    const yesterday: number[] = [];
    for (let block = 0; block < 3; block += 1) {
      const lows = Array.from({ length: 3_000 }, (_, place) => ({ low: block * 3_000 + place }));
      yesterday.push(await store(lows, { receivedMs: noonMs - dayMs }));
    }
    const now = await store([{ low: 4_321 }], { receivedMs: noonMs });
    await mergeTraceIndex(test.database, noonMs + minuteMs);
    expect(await levels()).toEqual([1, 15]);
    expect(await count("trace_day_page")).toBeGreaterThan(3);
    const lows = [0, 2_999, 3_000, 4_321, 8_999];
    const found = await queryTraceBlocks(test.database, project, [...lows, 9_000].map(hashOf));
    const [first = 0, second = 0, third = 0] = yesterday;
    expect(lows.map((low) => found.get(hashOf(low)))).toEqual([
      [first],
      [first],
      [second],
      [now, second],
      [third],
    ]);
    expect(found.has(hashOf(9_000))).toBe(false);
    const all = Array.from({ length: 9_000 }, (_, low) => hashOf(low));
    expect((await queryTraceBlocks(test.database, project, all)).size).toBe(9_000);
  });

  it("is found in its own project only", async () => {
    const mine = await store([{ low: 1 }]);
    const theirs = await store([{ low: 1 }, { low: 2 }], { of: 2 });
    const expectFound = async (): Promise<void> => {
      expect((await hitsOf(1)).map(({ blockId }) => blockId)).toEqual([mine]);
      expect((await hitsOf(1, 2)).map(({ blockId }) => blockId)).toEqual([theirs]);
      expect(await hitsOf(2)).toEqual([]);
    };
    await expectFound();
    await mergeTraceIndex(test.database, noonMs + minuteMs);
    expect(await levels()).toEqual([1, 1]);
    await expectFound();
  });

  it("in more blocks than are shown is found in the newest of them", async () => {
    const blocks: number[] = [];
    for (let block = 0; block < 260; block += 1) blocks.push(await store([{ low: 5 }]));
    const newest = blocks.slice(-200).toReversed();
    expect((await hitsOf(5)).map(({ blockId }) => blockId)).toEqual(newest);
    await mergeTraceIndex(test.database, noonMs + minuteMs);
    expect((await hitsOf(5)).map(({ blockId }) => blockId)).toEqual(newest);
  });

  it("is gone with its day", async () => {
    await store([{ low: 1 }], { receivedMs: noonMs - 3 * dayMs });
    await mergeTraceIndex(test.database, noonMs);
    const kept = await store([{ low: 1 }]);
    const days = { traces: 2, accessLogs: 2, logs: 2, metrics: 2, operations: 2 };
    const rollups = { rollup10s: 2, rollup1m: 2, rollup1h: 2, rollup1d: 2 };
    await retain(test.database, noonMs, { ...days, ...rollups });
    expect((await hitsOf(1)).map(({ blockId }) => blockId)).toEqual([kept]);
    expect(await levels()).toEqual([]);
    for (const table of ["trace_batch", "trace_run_page", "trace_day_page"] as const) {
      expect(await dropPartitions(test.database, table, noonMs - 2 * dayMs)).toEqual([]);
    }
  });
});

describe("merging", () => {
  it("begins with enough blocks, without waiting, and makes one run of many", async () => {
    for (let block = 0; block < 511; block += 1) await store([{ low: block }]);
    expect((await mergeTraceIndex(test.database, noonMs))?.batches).toBe(0);
    await store([{ low: 511 }]);
    await mergeTraceIndex(test.database, noonMs);
    expect([await levels(), await count("trace_batch")]).toEqual([[1], 0]);
  });

  it("begins with enough traces in few blocks, without waiting", async () => {
    const traces = Array.from({ length: 420_000 }, (_, low) => ({ low }));
    await store(traces.slice(0, 210_000));
    expect((await mergeTraceIndex(test.database, noonMs))?.batches).toBe(0);
    await store(traces.slice(210_000));
    expect((await mergeTraceIndex(test.database, noonMs))?.entries).toBe(traces.length);
    expect([await levels(), await count("trace_batch")]).toEqual([[1], 0]);
  });

  it("makes one run of many of a level, and finds all of it before and after", async () => {
    const blocks: number[] = [];
    for (let run = 0; run < 17; run += 1) {
      blocks.push(await store([{ low: run }, { low: 99 }], { receivedMs: noonMs + run }));
      await mergeTraceIndex(test.database, noonMs + minuteMs + run);
    }
    expect([await levels(), await count("trace_run_page")]).toEqual([[1, 2], 2]);
    expect((await hitsOf(99)).map(({ blockId }) => blockId)).toEqual(blocks.toReversed());
    for (const [low, blockId] of blocks.entries()) {
      expect(await hitsOf(low)).toEqual([{ blockId, hasExchange: false }]);
    }
  });

  it("leaves out what is damaged, and goes on with the others", async () => {
    await store([{ low: 1 }]);
    await mergeTraceIndex(test.database, noonMs + minuteMs);
    await test.database.pool.query("UPDATE trace_run_page SET entries = entries || '\\x00'");
    await store([{ low: 2 }]);
    await test.database.pool.query("UPDATE trace_batch SET entries = entries || '\\x00'");
    const whole = await store([{ low: 3 }]);
    expect(await mergeTraceIndex(test.database, noonMs + minuteMs)).toMatchObject({ batches: 2 });
    await mergeTraceIndex(test.database, todayMs + 11 * minuteMs);
    expect([await levels(), await count("trace_batch")]).toEqual([[15], 0]);
    expect((await hitsOf(3)).map(({ blockId }) => blockId)).toEqual([whole]);
    const metrics = createMetrics();
    observeLeftOut(metrics);
    expect(metrics.text()).toContain('viascope_unreadable_rows{kind="trace_index"} 2');
  });

  it("that is killed in the middle changes nothing, and is done again", async () => {
    const block = await store([{ low: 1 }]);
    const merge = () => mergeTraceIndex(test.database, noonMs + minuteMs);
    await inTransaction(test.database, async (client) => {
      // Its last step waits for this, with all pages written.
      await client.query("LOCK TABLE trace_run IN SHARE MODE");
      const ended = merge().then(
        () => "merged",
        () => "killed",
      );
      await expect.poll(() => kill("INSERT INTO trace_run%")).toBe(1);
      expect(await ended).toBe("killed");
    });
    expect([await count("trace_batch"), await count("trace_run_page")]).toEqual([1, 0]);
    expect((await hitsOf(1)).map(({ blockId }) => blockId)).toEqual([block]);
    expect(await merge()).toEqual({ batches: 1, runs: 0, entries: 1 });
    expect((await hitsOf(1)).map(({ blockId }) => blockId)).toEqual([block]);
  });

  it("by several workers at once is done by one", async () => {
    const blocks: number[] = [];
    for (let block = 0; block < 40; block += 1) blocks.push(await store([{ low: 7 }]));
    const turns = await Promise.allSettled(
      [1, 2, 3].map(() => mergeTraceIndex(test.database, noonMs + minuteMs)),
    );
    const done = turns.flatMap((turn) => (turn.status === "fulfilled" ? (turn.value ?? []) : []));
    expect(done.reduce((sum, { batches }) => sum + batches, 0)).toBe(40);
    expect(await levels()).toEqual([1]);
    expect((await hitsOf(7)).map(({ blockId }) => blockId)).toEqual(blocks.toReversed());
  });

  it("takes nothing twice, even when a worker has lost its lock", async () => {
    await store([{ low: 1 }]);
    const batches = await waitingBatches(test.database, 10);
    const takenTwice = "What was to be merged was merged by another worker.";
    await inTransaction(test.database, (client) => takeBatches(client, batches, neverLeftOut));
    await expect(
      inTransaction(test.database, (client) => takeBatches(client, batches, neverLeftOut)),
    ).rejects.toThrow(takenTwice);

    await store([{ low: 1 }]);
    await mergeTraceIndex(test.database, noonMs + minuteMs);
    const runs = await listRuns(test.database);
    await inTransaction(test.database, (client) => takeRuns(client, runs, neverLeftOut));
    await expect(
      inTransaction(test.database, (client) => takeRuns(client, runs, neverLeftOut)),
    ).rejects.toThrow(takenTwice);
  });
});

const neverLeftOut: LeaveOut = (kind, row, cause) => {
  throw new Error(`${kind} ${row}`, { cause });
};

/** Ends the connections that wait with such a statement; gives how many there were. */
async function kill(statement: string): Promise<number> {
  const answer = await test.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE $1 AND wait_event_type = 'Lock'`,
    [statement],
  );
  return answer.rowCount ?? 0;
}
