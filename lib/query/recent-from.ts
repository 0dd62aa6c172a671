import type { RollupRow } from "#lib/db/rollup-row.ts";

/** From when on rows tell of about as many records as may be looked through; the window's start when of fewer. */
export function recentFrom(
  rows: readonly RollupRow[],
  fromMs: number,
  { max, countOf }: { readonly max: number; readonly countOf: (row: RollupRow) => number },
): number {
  let sum = 0;
  for (const row of rows.toSorted((a, b) => b.bucketMs - a.bucketMs)) {
    sum += countOf(row);
    if (sum > max) return Math.max(fromMs, row.bucketMs);
  }
  return fromMs;
}
