import { segmentsOf, type Segment, type Step } from "#lib/core/bucket.ts";
import { finestKept, keepMsDefault } from "#lib/core/keep.ts";
import type { Subject } from "#lib/core/sums.ts";
import type { Database } from "#lib/db/open.ts";
import {
  readRollupRow,
  rollupQuery,
  rollupTables,
  rollupTotals,
  type RollupRow,
} from "#lib/db/rollup-row.ts";

import { idOfName } from "./names.ts";
import type { Scope } from "./scope.ts";

/** What to read beside the scope. */
export interface RollupSelection {
  readonly subjects: readonly Subject[];
  /** Buckets no wider than this, in seconds, where the answer is told by time. */
  readonly coarsest?: Step;
  /** Width in seconds of the stretches into which the rows are added up, from the epoch on; one for all when absent. */
  readonly stretch?: number;
  /** Only rows with this number as their peer. */
  readonly peerId?: number | undefined;
  /** Leaves statuses and latencies out, which are most of what is read. */
  readonly countersOnly?: boolean;
}

/**
 * The sums of a window, from the coarsest buckets that fill it and from what is still open: one row per key and stretch
 * (the bucket of a row is its stretch's start). They are the truth of one moment: one statement, one snapshot.
 */
export async function readRollups(
  db: Database,
  scope: Scope,
  selection: RollupSelection,
): Promise<RollupRow[]> {
  const filter = await filterOf(db, scope, selection);
  if (filter === null) return [];
  const keep = scope.keep ?? keepMsDefault;
  const finest = finestKept(scope.window.fromMs, Date.now(), keep);
  const segments = segmentsOf(scope.window, finest, selection.coarsest);
  const values = [...filter.values];
  const parts = segments.map((segment) => partOf(segment, filter.condition, values));
  if (parts.length === 0) return [];
  const { stretch = null, countersOnly = false } = selection;
  const text = rollupTotals(parts.join(" UNION ALL "), stretch, !countersOnly);
  const answer = await db.pool.query<string[]>(rollupQuery(text, values));
  return answer.rows.map(readRollupRow);
}

interface Filter {
  readonly condition: string;
  readonly values: readonly unknown[];
}

/** Null when a name in the scope was never seen, so that nothing can be found. */
async function filterOf(
  db: Database,
  scope: Scope,
  selection: RollupSelection,
): Promise<Filter | null> {
  const values: unknown[] = [scope.project, selection.subjects];
  let condition = "project_id = $1 AND subject = ANY ($2)";
  if (selection.peerId !== undefined) {
    values.push(selection.peerId);
    condition += ` AND peer_id = $${values.length}`;
  }
  if (scope.proxy !== undefined) {
    const id = await idOfName(db, scope.project, "proxy", scope.proxy);
    if (id === null) return null;
    values.push(id);
    condition += ` AND proxy_id = $${values.length}`;
  }
  if (scope.upstream !== undefined) {
    const id = await idOfName(db, scope.project, "upstream", scope.upstream);
    if (id === null) return null;
    values.push(id);
    // Exchanges carry no upstream; they are read along to tell which source counts.
    condition += ` AND (subject = 'exchange' OR upstream_id = $${values.length})`;
  }
  return { condition, values };
}

function partOf(segment: Segment, condition: string, values: unknown[]): string {
  values.push(new Date(segment.fromMs), new Date(segment.toMs));
  const within = `bucket >= $${values.length - 1} AND bucket < $${values.length} AND ${condition}`;
  return `SELECT * FROM ${rollupTables[segment.step]} WHERE ${within}
    UNION ALL SELECT * FROM rollup_open WHERE step <= ${segment.step} AND ${within}`;
}
