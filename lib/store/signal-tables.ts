import type { PartitionedTable } from "#lib/db/partitions.ts";

import type { Signal } from "./batch-rows.ts";

interface SignalTables {
  /** Blocks, as they were received. */
  readonly block: PartitionedTable;
  /** Exchanges and attempts in them; metrics have none. */
  readonly segment: PartitionedTable | null;
}

const accessLogs = { block: "block_access_logs", segment: "segment_access_logs" } as const;

/** Where blocks of each signal go, and what was read from them: each kind is kept for its own time. */
export const signalTables: Readonly<Record<Signal, SignalTables>> = {
  traces: { block: "block_traces", segment: "segment_traces" },
  "access-logs": accessLogs,
  logs: accessLogs,
  metrics: { block: "block_metrics", segment: null },
};
