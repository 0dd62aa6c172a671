import type { Source } from "#lib/core/exchange.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readRollups, type RollupSelection } from "./read-rollups.ts";
import type { Scope } from "./scope.ts";

/** Logs that tell of this many times more exchanges than spans do show that the spans are sampled. */
const sampledFactor = 1.05;

/** Rollup rows of which each exchange is counted once, and the source that counts of each proxy. */
export interface Counted {
  readonly rows: readonly RollupRow[];
  readonly sourceOf: ReadonlyMap<number, Source>;
}

/**
 * Reads rollups and keeps of each proxy the rows of its counting source: what an operator chose,
 * else spans unless its logs show that they are sampled, else logs (design §3.7).
 */
export async function readCounted(
  db: Database,
  scope: Scope,
  selection: RollupSelection,
): Promise<Counted> {
  const { upstream: _upstream, ...wholeProxy } = scope;
  const [rows, exchanges, chosen] = await Promise.all([
    readRollups(db, scope, selection),
    // Which source counts is told by the exchanges of the whole window, of which only the numbers matter.
    selection.subjects.includes("exchange")
      ? []
      : readRollups(db, wholeProxy, { subjects: ["exchange"], countersOnly: true }),
    chosenSources(db, scope.project),
  ]);
  const sourceOf = countingSources([...rows, ...exchanges], chosen);
  return { rows: rows.filter((row) => sourceOf.get(row.proxyId) === row.source), sourceOf };
}

/** The counting sources that an operator chose, by proxy. */
export async function chosenSources(db: Database, project: number): Promise<Map<number, Source>> {
  const answer = await db.pool.query<{ name_id: number; counting_source: Source }>(
    "SELECT name_id, counting_source FROM proxy WHERE project_id = $1 AND counting_source IS NOT NULL",
    [project],
  );
  return new Map(answer.rows.map((row) => [row.name_id, row.counting_source]));
}

/** The counting source of every proxy that the rows tell of. */
export function countingSources(
  rows: readonly Pick<RollupRow, "source" | "subject" | "proxyId" | "counts">[],
  chosen: ReadonlyMap<number, Source>,
): Map<number, Source> {
  const totals = new Map<number, Record<Source, number>>();
  const add = (row: (typeof rows)[number]): void => {
    const total = totals.get(row.proxyId) ?? { spans: 0, logs: 0 };
    total[row.source] += row.counts.requests;
    totals.set(row.proxyId, total);
  };
  for (const row of rows) if (row.subject === "exchange") add(row);
  const served = new Set(totals.keys());
  // A service that only asks others has attempts alone.
  for (const row of rows) if (!served.has(row.proxyId)) add(row);
  return new Map(
    [...totals].map(([proxyId, total]) => [proxyId, chosen.get(proxyId) ?? better(total)]),
  );
}

function better({ spans, logs }: Record<Source, number>): Source {
  if (spans === 0) return "logs";
  return logs > spans * sampledFactor ? "logs" : "spans";
}
