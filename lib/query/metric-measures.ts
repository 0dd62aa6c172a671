import type { MetricMeasuresAnswer } from "#lib/contract/metrics.ts";
import { type Measure, measuredBy, measuredNames } from "#lib/core/metric-measures.ts";
import type { Database } from "#lib/db/open.ts";

import type { Scope } from "./scope.ts";
import { ratio } from "./totals.ts";

/** Series that are read for one answer. */
const seriesMax = 20_000;

type Item = MetricMeasuresAnswer["items"][number];

interface CountedSeries {
  readonly proxy: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly increase: number;
}

/** What one metric counted of one proxy or upstream. */
interface Tally {
  readonly rank: number;
  readonly name: string;
  sum: number;
}

/** What every proxy counted of itself over a window, by what its metrics say. */
export async function queryMetricMeasures(db: Database, scope: Scope): Promise<Item[]> {
  const groups = new Map<string, Map<Measure, Tally>>();
  for (const { proxy, name, attributes, increase } of await increasesIn(db, scope)) {
    const measured = measuredBy(name, attributes);
    if (measured === null) continue;
    const key = JSON.stringify([proxy, measured.upstream]);
    const tallies = groups.get(key) ?? new Map<Measure, Tally>();
    groups.set(key, tallies);
    const { rank, tellsErrors } = measured;
    if (tellsErrors) add(tallies, "errors", { rank, name, sum: 0 });
    for (const measure of measured.counts) add(tallies, measure, { rank, name, sum: increase });
  }
  return [...groups].map(([key, tallies]) => itemOf(key, tallies)).toSorted(byProxy);
}

/** Adds to the number of the first metric there is; what another one says is the same again. */
function add(tallies: Map<Measure, Tally>, measure: Measure, tally: Tally): void {
  const known = tallies.get(measure);
  if (known === undefined || tally.rank < known.rank) tallies.set(measure, { ...tally });
  else if (known.rank === tally.rank) known.sum += tally.sum;
}

function itemOf(key: string, tallies: ReadonlyMap<Measure, Tally>): Item {
  const [proxy, upstream]: [string, string | null] = JSON.parse(key);
  const requests = tallies.get("requests")?.sum ?? null;
  const errors = tallies.get("errors")?.sum ?? null;
  return {
    proxy,
    upstream,
    requests,
    errors,
    errorRate: requests === null || errors === null ? null : ratio(errors, requests),
    ...cacheOf(tallies),
    metrics: [...new Set(Array.from(tallies.values(), ({ name }) => name))].toSorted(),
  };
}

/** Hits and misses; some proxies count lookups in place of misses. */
function cacheOf(
  tallies: ReadonlyMap<Measure, Tally>,
): Pick<Item, "cacheHits" | "cacheMisses" | "hitRatio"> {
  const sumOf = (measure: Measure): number | null => tallies.get(measure)?.sum ?? null;
  const hits = sumOf("cacheHits");
  const lookups = sumOf("cacheLookups");
  const counted = hits ?? 0;
  const misses = sumOf("cacheMisses") ?? (lookups === null ? null : Math.max(0, lookups - counted));
  if (misses === null) return { cacheHits: hits, cacheMisses: null, hitRatio: null };
  return { cacheHits: counted, cacheMisses: misses, hitRatio: ratio(counted, counted + misses) };
}

/** By name, each proxy before its upstreams. */
function byProxy(one: Item, other: Item): number {
  if (one.proxy !== other.proxy) return one.proxy < other.proxy ? -1 : 1;
  if (one.upstream === null) return -1;
  return other.upstream === null || one.upstream > other.upstream ? 1 : -1;
}

/** How much every series that is known to count something grew, resets included. */
async function increasesIn(db: Database, { project, window }: Scope): Promise<CountedSeries[]> {
  const from = new Date(window.fromMs).toISOString();
  const answer = await db.pool.query<CountedSeries>(
    `WITH counted AS (
       SELECT id, proxy, name, attributes, temporality FROM metric_series
        WHERE project_id = $1 AND name = ANY ($2) AND kind IN ('counter', 'histogram')
          AND seen_on >= $3::timestamptz::date
        ORDER BY id LIMIT $5
     ), reading AS (
       SELECT series_id, at, started_at, value,
              lag(value) OVER earlier AS value_before, lag(at) OVER earlier AS at_before
         FROM metric_point
        WHERE project_id = $1 AND series_id IN (SELECT id FROM counted)
          AND at >= $3::timestamptz - interval '5 minutes' AND at < $4
       WINDOW earlier AS (PARTITION BY series_id ORDER BY at)
     )
     SELECT proxy, name, attributes, sum(CASE
              WHEN temporality = 'delta' THEN value
              WHEN at_before IS NULL THEN CASE WHEN started_at >= $3 THEN value ELSE 0 END
              WHEN value < value_before OR started_at > at_before THEN value
              ELSE value - value_before END)::float8 AS increase
       FROM reading JOIN counted ON id = series_id
      WHERE at >= $3
      GROUP BY id, proxy, name, attributes`,
    [project, measuredNames, from, new Date(window.toMs).toISOString(), seriesMax],
  );
  return answer.rows;
}
