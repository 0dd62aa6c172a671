import type { RetentionDays } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { dropPartitions, ensurePartitions, type PartitionedTable } from "#lib/db/partitions.ts";
import { log } from "#lib/telemetry/log.ts";

const dayMs = 86_400_000;

/** How many days each table is kept. */
function daysKept(retention: RetentionDays): Record<PartitionedTable, number> {
  return {
    block: retention.telemetry,
    exchange: retention.telemetry,
    attempt: retention.telemetry,
    trace_block: retention.telemetry,
    rollup_10s: retention.rollup10s,
    rollup_1m: retention.rollup1m,
    rollup_1h: retention.rollup1h,
    rollup_1d: retention.rollup1d,
  };
}

/** Makes the partitions of today and the next two days, and drops those that retention has passed. */
export async function retain(
  db: Database,
  nowMs: number,
  retention: RetentionDays,
): Promise<string[]> {
  const dropped: string[] = [];
  for (const [table, days] of Object.entries(daysKept(retention)) as [PartitionedTable, number][]) {
    await ensurePartitions(db, table, [nowMs, nowMs + dayMs, nowMs + 2 * dayMs]);
    dropped.push(...(await dropPartitions(db, table, nowMs - days * dayMs)));
  }
  if (dropped.length > 0) log.info({ dropped }, "dropped partitions past their retention");
  return dropped;
}
