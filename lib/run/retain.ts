import type { RetentionDays } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { dropPartitions, ensurePartitions, type PartitionedTable } from "#lib/db/partitions.ts";
import { log } from "#lib/telemetry/log.ts";

const dayMs = 86_400_000;

/** How many days each table is kept. */
function daysKept(retention: RetentionDays): { table: PartitionedTable; days: number }[] {
  return [
    { table: "block", days: retention.telemetry },
    { table: "exchange", days: retention.telemetry },
    { table: "attempt", days: retention.telemetry },
    { table: "trace_block", days: retention.telemetry },
    { table: "log_block", days: retention.logs },
    { table: "log_line", days: retention.logs },
    { table: "rollup_10s", days: retention.rollup10s },
    { table: "rollup_1m", days: retention.rollup1m },
    { table: "rollup_1h", days: retention.rollup1h },
    { table: "rollup_1d", days: retention.rollup1d },
  ];
}

/** Makes the partitions of today and the next two days, and drops those that retention has passed. */
export async function retain(
  db: Database,
  nowMs: number,
  retention: RetentionDays,
): Promise<string[]> {
  const dropped: string[] = [];
  for (const { table, days } of daysKept(retention)) {
    await ensurePartitions(db, table, [nowMs, nowMs + dayMs, nowMs + 2 * dayMs]);
    dropped.push(...(await dropPartitions(db, table, nowMs - days * dayMs)));
  }
  if (dropped.length > 0) log.info({ dropped }, "dropped partitions past their retention");
  return dropped;
}
