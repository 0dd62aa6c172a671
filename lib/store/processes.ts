import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";

/** A process as it tells of itself. */
export interface ProcessRow {
  readonly id: string;
  readonly role: string;
  readonly host: string;
  readonly version: string;
  readonly startedMs: number;
  readonly gauges: Readonly<Record<string, number>>;
}

/** What a process did in a minute. Series are named as in the Prometheus format. */
export interface ProcessMinute {
  readonly minuteMs: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, Buckets>>;
}

/** Upper bound of each bucket that holds anything, null for the last one, and how many values. */
export type Buckets = readonly (readonly [bound: number | null, count: number])[];

/** Notes that a process lives. */
export async function saveProcess(db: Database, row: ProcessRow, nowMs: number): Promise<void> {
  await db.pool.query(
    `INSERT INTO process (id, role, host, version, started_at, seen_at, gauges)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, gauges = excluded.gauges`,
    [
      row.id,
      row.role,
      row.host,
      row.version,
      new Date(row.startedMs),
      new Date(nowMs),
      JSON.stringify(row.gauges),
    ],
  );
}

/** A process that ended as it should. */
export async function removeProcess(db: Database, id: string): Promise<void> {
  await db.pool.query("DELETE FROM process WHERE id = $1", [id]);
}

/** Forgets processes that were last seen before a time. */
export async function forgetProcesses(db: Database, beforeMs: number): Promise<void> {
  await db.pool.query("DELETE FROM process WHERE seen_at < $1", [new Date(beforeMs)]);
}

/** Keeps what a process did in a minute. */
export async function appendMinute(
  db: Database,
  process: Pick<ProcessRow, "id" | "role">,
  row: ProcessMinute,
): Promise<void> {
  await ensurePartitions(db, "process_minute", [row.minuteMs]);
  await db.pool.query(
    `INSERT INTO process_minute (minute, process_id, role, counters, gauges, histograms)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      new Date(row.minuteMs),
      process.id,
      process.role,
      JSON.stringify(row.counters),
      JSON.stringify(row.gauges),
      JSON.stringify(row.histograms),
    ],
  );
}
