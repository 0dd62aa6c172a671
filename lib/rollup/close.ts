import type { ClientBase } from "pg";

import { bucketStartMs, coarser, steps, type Step } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import { append } from "#lib/db/appends.ts";
import { eachRow } from "#lib/db/each-row.ts";
import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import {
  readRollupRow,
  rollupQuery,
  rollupTables,
  rollupTotals,
  type RollupRow,
} from "#lib/db/rollup-row.ts";
import { onClient, transactionOn } from "#lib/db/transaction.ts";

import { RollupCopy } from "./append-open.ts";
import { RollupTotals } from "./rollup-totals.ts";

/** How long after its end a bucket waits for late telemetry before it is merged; later rows merge on their own. */
const graceMs = 5_000;
/** Rows merged in one transaction. */
const rowsMax = 20_000;
/** Fewer rows of running buckets than this are left as they are. */
const compactionRowsMin = 1_000;
/** Any constant: names the advisory lock under which one worker at a time merges. */
const closingLock = 7_316_001;

/** What one round of closing did. */
export interface ClosingResult {
  /** Rows that were merged, per width. */
  readonly merged: number;
  /** Rows older than the width's retention: counted in the coarser buckets only. */
  readonly tooOld: number;
}

/**
 * Merges what is open and whose bucket has ended into one row per key, and opens it for the next coarser width.
 * Each step moves rows in one transaction, so a reader sees every record exactly once, wherever it is.
 * Gives null when another worker is at it.
 */
export function closeBuckets(
  db: Database,
  nowMs: number,
  keep: KeepMs,
): Promise<ClosingResult | null> {
  return onClient(db, async (client) => {
    if (!(await lock(client))) return null;
    try {
      return await closeAll(db, client, nowMs, keep);
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [closingLock]);
    }
  });
}

async function lock(client: ClientBase): Promise<boolean> {
  const answer = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock($1) AS locked",
    [closingLock],
  );
  return answer.rows[0]?.locked === true;
}

async function closeAll(
  db: Database,
  client: ClientBase,
  nowMs: number,
  keep: KeepMs,
): Promise<ClosingResult> {
  let merged = 0;
  let tooOld = 0;
  for (const step of steps) {
    for (;;) {
      // One transaction after another, so that a long backlog is never one long transaction.
      const moved = await transactionOn(client, () => closeStep(db, client, step, nowMs, keep));
      merged += moved.merged;
      tooOld += moved.tooOld;
      if (moved.merged < rowsMax) break;
    }
  }
  await transactionOn(client, () => compactRunning(client, nowMs));
  return { merged, tooOld };
}

async function closeStep(
  db: Database,
  client: ClientBase,
  step: Step,
  nowMs: number,
  keep: KeepMs,
): Promise<ClosingResult> {
  const oldestMs = nowMs - keep[step];
  const next = coarser(step);
  const kept = new RollupCopy(step);
  const buckets = new Set<number>();
  const wider = next === null ? null : new RollupTotals(next);
  let tooOld = 0;
  const closed = { step, side: "<", bucketMs: bucketStartMs(nowMs - graceMs, step) } as const;
  const merged = await takeOpen(client, closed, (row) => {
    wider?.add(row);
    if (row.bucketMs < oldestMs) tooOld += 1;
    else {
      kept.add(row);
      buckets.add(row.bucketMs);
    }
  });
  const table = rollupTables[step];
  await ensurePartitions(db, table, buckets);
  await append(client, (to) => kept.addTo(to, table));
  if (wider !== null) await append(client, (to) => wider.addTo(to));
  return { merged, tooOld };
}

/** Merges the rows of buckets that still run, so that readers of the last seconds have few of them. */
async function compactRunning(client: ClientBase, nowMs: number): Promise<void> {
  const fromMs = bucketStartMs(nowMs - graceMs, 10);
  const counted = await client.query<{ rows: number }>(
    "SELECT count(*)::int AS rows FROM rollup_open WHERE step = 10 AND bucket >= $1",
    [new Date(fromMs)],
  );
  if ((counted.rows[0]?.rows ?? 0) < compactionRowsMin) return;
  const running = new RollupCopy(10);
  const taken = { step: 10, side: ">=", bucketMs: fromMs } as const;
  await takeOpen(client, taken, (row) => running.add(row));
  await append(client, (to) => running.addTo(to, "rollup_open"));
}

/** Open rows of one width whose bucket begins before a time, or not before it. */
interface OpenRows {
  readonly step: Step;
  readonly side: "<" | ">=";
  readonly bucketMs: number;
}

/**
 * Takes open rows away, and hands them over added up per key and bucket by Postgres: they are many, their sums are few.
 * Gives how many were taken.
 */
async function takeOpen(
  client: ClientBase,
  { step, side, bucketMs }: OpenRows,
  onSum: (row: RollupRow) => void,
): Promise<number> {
  const query = rollupQuery(
    `WITH taken AS (
       DELETE FROM rollup_open WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM rollup_open WHERE step = $1 AND bucket ${side} $2
          ORDER BY bucket LIMIT ${rowsMax}
       )) RETURNING *
     )
     SELECT (SELECT count(*) FROM taken), totals.*
       FROM (${rollupTotals("TABLE taken", step)}) AS totals`,
    [step, new Date(bucketMs)],
  );
  let taken = 0;
  await eachRow(client, query, ([count, ...fields]) => {
    taken = Number(count);
    onSum(readRollupRow(fields));
  });
  return taken;
}
