import { SumsTotal } from "#lib/core/merge.ts";
import { relationKinds, type RelationKind } from "#lib/core/relations.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

/** How many retries, failovers and fallbacks. */
export type RelationCounts = Record<RelationKind, number>;

/** Sums of rows by a key. */
export function totalsBy<Key>(
  rows: Iterable<RollupRow>,
  keyOf: (row: RollupRow) => Key,
): Map<Key, SumsTotal> {
  const totals = new Map<Key, SumsTotal>();
  for (const row of rows) {
    const key = keyOf(row);
    let total = totals.get(key);
    if (total === undefined) {
      total = new SumsTotal();
      totals.set(key, total);
    }
    total.add(row);
  }
  return totals;
}

/** Relations by a key, told apart by their kind. */
export function relationsBy<Key>(
  rows: Iterable<RollupRow>,
  keyOf: (row: RollupRow) => Key,
): Map<Key, RelationCounts> {
  const totals = new Map<Key, RelationCounts>();
  for (const row of rows) {
    if (row.subject !== "relation") continue;
    const key = keyOf(row);
    const counts = totals.get(key) ?? { retry: 0, failover: 0, fallback: 0 };
    totals.set(key, counts);
    const kind = relationKinds.find((name) => row.detail.startsWith(`${name}:`));
    if (kind !== undefined) counts[kind] += row.counts.requests;
  }
  return totals;
}

/** A share between 0 and 1; null where there is nothing to share. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** ISO time of a record that was seen; null for none. */
export function timeSeen(lastMs: number): string | null {
  return lastMs === 0 ? null : new Date(lastMs).toISOString();
}
