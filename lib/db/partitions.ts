import { errorCode } from "./error-code.ts";
import type { Database } from "./open.ts";
import { onClient } from "./transaction.ts";

/** The tables that are partitioned by time, and how much of it one partition of each holds. */
export const partitionedTables = {
  block_traces: "day",
  block_access_logs: "day",
  block_metrics: "day",
  segment_traces: "day",
  segment_access_logs: "day",
  trace_batch: "day",
  trace_run_page: "day",
  trace_day_page: "day",
  log_block: "day",
  log_line: "day",
  metric_point: "day",
  rollup_10s: "day",
  rollup_1m: "day",
  rollup_1h: "month",
  rollup_1d: "year",
  process_minute: "day",
} as const;
export type PartitionedTable = keyof typeof partitionedTables;
type Span = (typeof partitionedTables)[PartitionedTable];

interface Partition {
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** Partitions that this process made or found, so that the hot path asks no catalog. */
const known = new WeakMap<Database, Set<string>>();

/** Makes the partitions that hold the given times (epoch milliseconds) where they do not exist yet. */
export async function ensurePartitions(
  db: Database,
  table: PartitionedTable,
  timesMs: Iterable<number>,
): Promise<void> {
  const seen = known.get(db) ?? new Set<string>();
  known.set(db, seen);
  for (const timeMs of timesMs) {
    const partition = partitionOf(table, timeMs);
    if (seen.has(partition.name)) continue;
    await create(db, table, partition);
    seen.add(partition.name);
  }
}

/** Drops the partitions that end before the given time and gives their names. */
export async function dropPartitions(
  db: Database,
  table: PartitionedTable,
  beforeMs: number,
): Promise<string[]> {
  const found = await db.pool.query<{ name: string }>(
    `SELECT child.relname AS name FROM pg_inherits
       JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid
      WHERE parent.oid = to_regclass($1)`,
    [table],
  );
  const dropped: string[] = [];
  for (const { name } of found.rows) {
    const endsMs = endOf(table, name);
    if (endsMs === null || endsMs > beforeMs) continue;
    await drop(db, name);
    known.get(db)?.delete(name);
    dropped.push(name);
  }
  return dropped;
}

async function create(db: Database, table: PartitionedTable, partition: Partition): Promise<void> {
  const bounds = `FROM ('${partition.from.toISOString()}') TO ('${partition.to.toISOString()}')`;
  try {
    await db.pool.query(
      `CREATE TABLE IF NOT EXISTS "${partition.name}" PARTITION OF "${table}" FOR VALUES ${bounds}`,
    );
  } catch (error) {
    // Two processes may make the same partition at once; the one that loses finds it there.
    if (!["42P07", "23505"].includes(errorCode(error))) throw error;
  }
}

function drop(db: Database, name: string): Promise<void> {
  return onClient(db, async (client) => {
    // Waiting behind a long read would make every writer wait behind us: give up and try in the next round.
    await client.query("SET lock_timeout = '2s'");
    try {
      await client.query(`DROP TABLE IF EXISTS "${name}"`);
    } finally {
      await client.query("RESET lock_timeout");
    }
  });
}

/** The partition that holds a time. */
function partitionOf(table: PartitionedTable, timeMs: number): Partition {
  const span = partitionedTables[table];
  const from = startOf(span, new Date(timeMs));
  return { name: `${table}_p${stampOf(span, from)}`, from, to: startOfNext(span, from) };
}

function startOf(span: Span, time: Date): Date {
  const year = time.getUTCFullYear();
  if (span === "year") return new Date(Date.UTC(year, 0, 1));
  const month = time.getUTCMonth();
  return new Date(Date.UTC(year, month, span === "month" ? 1 : time.getUTCDate()));
}

function startOfNext(span: Span, start: Date): Date {
  const year = start.getUTCFullYear();
  if (span === "year") return new Date(Date.UTC(year + 1, 0, 1));
  const month = start.getUTCMonth();
  if (span === "month") return new Date(Date.UTC(year, month + 1, 1));
  return new Date(Date.UTC(year, month, start.getUTCDate() + 1));
}

function stampOf(span: Span, start: Date): string {
  const length = { year: 4, month: 6, day: 8 }[span];
  return start.toISOString().replaceAll("-", "").slice(0, length);
}

function endOf(table: PartitionedTable, name: string): number | null {
  const parts = /_p(\d{4})(\d{2})?(\d{2})?$/.exec(name);
  if (parts === null) return null;
  const [, year, month = "01", day = "01"] = parts;
  const start = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return startOfNext(partitionedTables[table], start).getTime();
}
