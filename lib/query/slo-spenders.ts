import type { Window } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import { eventsOf } from "#lib/core/slo-events.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";

/** Who or what bad events belong to. */
export interface Spender {
  readonly kind: "proxy" | "upstream" | "status" | "endpoint";
  readonly name: string;
  readonly bad: number;
}

const spendersPerKind = 5;

/** What spent the budget of an objective within a window: its bad events by proxy, upstream, endpoint and status, most first. */
export async function querySloSpenders(
  db: Database,
  project: number,
  definition: SloDefinition,
  window: Window,
  keep: KeepMs | undefined,
): Promise<Spender[]> {
  const { proxy, upstream, endpoint } = definition;
  const { rows } = await readCounted(
    db,
    { project, window, keep, proxy: proxy ?? undefined, upstream: upstream ?? undefined },
    { subjects: ["exchange", "attempt"] },
  );
  const nameOf = await namesOf(
    db,
    project,
    rows.flatMap((row) => [row.proxyId, row.upstreamId]),
  );
  const exchanges = rows.filter(
    (row) => row.subject === "exchange" && (endpoint === null || row.detail === endpoint),
  );
  const attempts = rows.filter((row) => row.subject === "attempt");
  const counted = upstream === null ? exchanges : attempts;
  const badOf = (row: RollupRow): number => eventsOf(definition, row).bad;
  return [
    ...most("proxy", counted, (row) => [[nameOf(row.proxyId), badOf(row)]]),
    ...most("upstream", attempts, (row) => [[nameOf(row.upstreamId), badOf(row)]]),
    ...most("endpoint", exchanges, (row) => [
      [row.detail === "" ? "other" : row.detail, badOf(row)],
    ]),
    ...(definition.indicator === "availability" ? most("status", counted, badStatuses) : []),
  ];
}

function badStatuses({ statuses }: RollupRow): [string, number][] {
  return [...statuses]
    .filter(([status]) => status === 0 || status === 429 || status >= 500)
    .map(([status, count]) => [`${status}`, count]);
}

function most(
  kind: Spender["kind"],
  rows: readonly RollupRow[],
  partsOf: (row: RollupRow) => [string, number][],
): Spender[] {
  const sums = new Map<string, number>();
  for (const [name, bad] of rows.flatMap(partsOf)) sums.set(name, (sums.get(name) ?? 0) + bad);
  return [...sums]
    .filter(([, bad]) => bad > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, spendersPerKind)
    .map(([name, bad]) => ({ kind, name, bad }));
}
