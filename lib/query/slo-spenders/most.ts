import type { SloSpender } from "#lib/contract/slos.ts";

const spendersPerKind = 5;

/** The names with the most bad events, of one kind. */
export function most<Row>(
  kind: SloSpender["kind"],
  rows: readonly Row[],
  partsOf: (row: Row) => [string, number][],
): SloSpender[] {
  const sums = new Map<string, number>();
  for (const [name, bad] of rows.flatMap(partsOf)) sums.set(name, (sums.get(name) ?? 0) + bad);
  return [...sums]
    .filter(([, bad]) => bad > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, spendersPerKind)
    .map(([name, bad]) => ({ kind, name, bad }));
}
