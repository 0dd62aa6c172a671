import type { RetentionDays } from "#lib/config/settings.ts";
import type { Database } from "#lib/db/open.ts";
import { dropPartitions, ensurePartitions, type PartitionedTable } from "#lib/db/partitions.ts";
import { forgetSeries } from "#lib/store/metric-series.ts";
import { forgetRuns } from "#lib/store/trace-runs.ts";
import { log } from "#lib/telemetry/log.ts";

const dayMs = 86_400_000;

/** How long a table is kept, and what sets it. */
export interface Kept {
  readonly table: PartitionedTable;
  readonly days: number;
  readonly variable: string;
}

/** How many days each table is kept. */
export function daysKept(retention: RetentionDays): Kept[] {
  const { rollup10s, rollup1m, rollup1h, rollup1d, operations } = retention;
  const traces = { days: retention.traces, variable: "VIASCOPE_RETENTION_TRACES_DAYS" };
  const accessLogs = {
    days: retention.accessLogs,
    variable: "VIASCOPE_RETENTION_ACCESS_LOGS_DAYS",
  };
  const logs = { days: retention.logs, variable: "VIASCOPE_RETENTION_LOGS_DAYS" };
  const metrics = { days: retention.metrics, variable: "VIASCOPE_RETENTION_METRICS_DAYS" };
  // Of all that name traces: where a trace leads to what is gone, its reader finds nothing there.
  const longest = [traces, accessLogs, logs].reduce((most, one) =>
    one.days > most.days ? one : most,
  );
  return [
    { table: "block_traces", ...traces },
    { table: "block_access_logs", ...accessLogs },
    { table: "block_metrics", ...metrics },
    { table: "segment_traces", ...traces },
    { table: "segment_access_logs", ...accessLogs },
    { table: "trace_batch", ...longest },
    { table: "trace_run_page", ...longest },
    { table: "trace_day_page", ...longest },
    { table: "log_block", ...logs },
    { table: "log_line", ...logs },
    { table: "metric_point", ...metrics },
    { table: "rollup_10s", days: rollup10s, variable: "VIASCOPE_RETENTION_10S_DAYS" },
    { table: "rollup_1m", days: rollup1m, variable: "VIASCOPE_RETENTION_1M_DAYS" },
    { table: "rollup_1h", days: rollup1h, variable: "VIASCOPE_RETENTION_1H_DAYS" },
    { table: "rollup_1d", days: rollup1d, variable: "VIASCOPE_RETENTION_1D_DAYS" },
    { table: "process_minute", days: operations, variable: "VIASCOPE_RETENTION_OPERATIONS_DAYS" },
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
  const { traces, accessLogs, logs } = retention;
  await forgetRuns(db, nowMs - Math.max(traces, accessLogs, logs) * dayMs);
  await forgetSeries(db, nowMs - retention.metrics * dayMs);
  if (dropped.length > 0) log.info({ dropped }, "dropped partitions past their retention");
  return dropped;
}
