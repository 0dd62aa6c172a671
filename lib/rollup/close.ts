import type { ClientBase } from "pg";

import { bucketStartMs, coarser, steps, type Step } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import {
  readRollupRow,
  rollupQuery,
  rollupTables,
  rollupTotals,
  type RollupRow,
} from "#lib/db/rollup-row.ts";
import { transactionOn } from "#lib/db/transaction.ts";

import { appendOpen, appendRollup } from "./append-open.ts";

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
export async function closeBuckets(
  db: Database,
  nowMs: number,
  keep: KeepMs,
): Promise<ClosingResult | null> {
  const client = await db.pool.connect();
  try {
    if (!(await lock(client))) return null;
    try {
      return await closeAll(db, client, nowMs, keep);
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [closingLock]);
    }
  } finally {
    client.release();
  }
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
  const open = await takeOpen(client, step, "<", bucketStartMs(nowMs - graceMs, step));
  const { rows } = open;
  const oldestMs = nowMs - keep[step];
  const kept = rows.filter((row) => row.bucketMs >= oldestMs);
  const table = rollupTables[step];
  await ensurePartitions(db, table, new Set(kept.map((row) => row.bucketMs)));
  await appendRollup(client, table, step, kept);
  const next = coarser(step);
  if (next !== null) await appendOpen(client, next, widened(rows, next));
  return { merged: open.taken, tooOld: rows.length - kept.length };
}

/** Merges the rows of buckets that still run, so that readers of the last seconds have few of them. */
async function compactRunning(client: ClientBase, nowMs: number): Promise<void> {
  const fromMs = bucketStartMs(nowMs - graceMs, 10);
  const counted = await client.query<{ rows: number }>(
    "SELECT count(*)::int AS rows FROM rollup_open WHERE step = 10 AND bucket >= $1",
    [new Date(fromMs)],
  );
  if ((counted.rows[0]?.rows ?? 0) < compactionRowsMin) return;
  const running = await takeOpen(client, 10, ">=", fromMs);
  await appendOpen(client, 10, running.rows);
}

/** Takes open rows away, and gives them added up per key and bucket by Postgres: they are many, their sums are few. */
async function takeOpen(
  client: ClientBase,
  step: Step,
  side: "<" | ">=",
  bucketMs: number,
): Promise<{ readonly taken: number; readonly rows: readonly RollupRow[] }> {
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
  const answer = await client.query<string[]>(query);
  const taken = Number(answer.rows[0]?.[0] ?? 0);
  return { taken, rows: answer.rows.map((fields) => readRollupRow(fields.slice(1))) };
}

/** The rows added up per key and bucket of the given width. */
function widened(rows: readonly RollupRow[], step: Step): RollupRow[] {
  const totals = new Map<string, { first: RollupRow; bucketMs: number; total: SumsTotal }>();
  for (const row of rows) {
    const bucketMs = bucketStartMs(row.bucketMs, step);
    const key = `${bucketMs} ${row.project} ${row.source} ${row.subject} ${row.proxyId} ${row.upstreamId} ${row.peerId} ${row.detail}`;
    const entry = totals.get(key) ?? { first: row, bucketMs, total: new SumsTotal() };
    entry.total.add(row);
    totals.set(key, entry);
  }
  return [...totals.values()].map(({ first, bucketMs, total }) => ({
    ...first,
    ...total.toSums(),
    bucketMs,
  }));
}
