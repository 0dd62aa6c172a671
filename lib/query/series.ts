import type { SeriesAnswer, SeriesMetric, SeriesParams } from "#lib/contract/series.ts";
import { alignedTo, bucketStartMs, steps, type Step, type Window } from "#lib/core/bucket.ts";
import { hitRatio } from "#lib/core/cache-outcome.ts";
import { finestKept, keepMsDefault } from "#lib/core/keep.ts";
import { SumsTotal } from "#lib/core/merge.ts";
import type { RelationKind } from "#lib/core/relations.ts";
import { quantileMs } from "#lib/core/sketch.ts";
import type { Counter, Subject, Sums } from "#lib/core/sums.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import { cacheOf } from "./proxies.ts";
import type { Scope } from "./scope.ts";
import { ratio, relationsBy, type RelationCounts } from "./totals.ts";

/** Widths of a point that charts use, in seconds. */
const pointSteps = [
  10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800,
];
const pointsWanted = 120;
/** Points of one series; a finer step is made coarser. */
const pointsMax = 1_500;
/** Proxies or upstreams drawn; those with the most requests are kept. */
const groupsMax = 100;

/** How the asked numbers ran over the window: a point for every bucket, null where nothing was measured. */
export async function querySeries(
  db: Database,
  scope: Scope,
  params: SeriesParams,
): Promise<SeriesAnswer> {
  const subject: Subject = params.groupBy === "proxy" ? "exchange" : "attempt";
  const step = pointStep(scope, params.step);
  const window = alignedTo(scope.window, step);
  const { rows } = await readCounted(
    db,
    { ...scope, window, proxy: params.proxy, upstream: params.upstream },
    { subjects: [subject, "relation", "tls"], coarsest: coarsestWithin(step), stretch: step },
  );
  const groupOf = (row: RollupRow): string =>
    params.groupBy === "proxy" ? `${row.proxyId}` : `${row.proxyId} ${row.upstreamId}`;
  const groups = busiest(rows, subject, groupOf);
  const nameOf = await namesOf(
    db,
    scope.project,
    groups.flatMap((group) => group.split(" ").map(Number)),
  );
  const points = pointsOf(rows, subject, step, groupOf);
  const series = groups.flatMap((group) => {
    const [proxyId = 0, upstreamId] = group.split(" ").map(Number);
    const proxy = nameOf(proxyId);
    const labels: Record<string, string> =
      upstreamId === undefined ? { proxy } : { proxy, upstream: nameOf(upstreamId) };
    return params.metric.map((metric) => ({
      metric,
      labels,
      points: startsOf(window, step).map((startMs): [number, number | null] => {
        const point = points.get(`${group}@${startMs}`);
        return [startMs, point === undefined ? null : valueOf(metric, point)];
      }),
    }));
  });
  return { step, series };
}

/** Everything that a point can tell. */
interface Point {
  readonly sums: Sums;
  readonly relations: RelationCounts;
  readonly tlsFailures: number;
}

/** The step asked for, or one that gives about 120 points; never finer than what is still kept. */
function pointStep(scope: Scope, asked: number | undefined): number {
  const spanSeconds = (scope.window.toMs - scope.window.fromMs) / 1000;
  const kept = finestKept(scope.window.fromMs, Date.now(), scope.keep ?? keepMsDefault);
  const wanted = Math.max(asked ?? spanSeconds / pointsWanted, spanSeconds / pointsMax, kept);
  if (asked !== undefined && wanted === asked) return asked;
  return pointSteps.find((step) => step >= wanted && step % kept === 0) ?? 604_800;
}

/** The widest bucket of which a point is made whole. */
function coarsestWithin(pointSeconds: number): Step {
  return steps.findLast((step) => pointSeconds % step === 0) ?? 10;
}

function busiest(
  rows: readonly RollupRow[],
  subject: Subject,
  groupOf: (row: RollupRow) => string,
): string[] {
  const requests = new Map<string, number>();
  for (const row of rows) {
    if (row.subject !== subject) continue;
    const group = groupOf(row);
    requests.set(group, (requests.get(group) ?? 0) + row.counts.requests);
  }
  const groups = [...requests].toSorted(([, a], [, b]) => b - a);
  return groups.slice(0, groupsMax).map(([group]) => group);
}

function pointsOf(
  rows: readonly RollupRow[],
  subject: Subject,
  step: number,
  groupOf: (row: RollupRow) => string,
): Map<string, Point> {
  const pointOf = (row: RollupRow): string =>
    `${groupOf(row)}@${bucketStartMs(row.bucketMs, step)}`;
  const totals = new Map<string, { total: SumsTotal; tlsFailures: number }>();
  for (const row of rows) {
    const key = pointOf(row);
    const entry = totals.get(key) ?? { total: new SumsTotal(), tlsFailures: 0 };
    totals.set(key, entry);
    if (row.subject === subject) entry.total.add(row);
    else if (row.subject === "tls") entry.tlsFailures += row.counts.requests;
  }
  const relations = relationsBy(rows, pointOf);
  const none = { retry: 0, failover: 0, fallback: 0 };
  return new Map(
    [...totals].map(([key, { total, tlsFailures }]) => [
      key,
      { sums: total.toSums(), relations: relations.get(key) ?? none, tlsFailures },
    ]),
  );
}

function startsOf(window: Window, step: number): number[] {
  const starts: number[] = [];
  for (let startMs = window.fromMs; startMs < window.toMs; startMs += step * 1000) {
    starts.push(startMs);
  }
  return starts;
}

const relationOf: Partial<Record<SeriesMetric, RelationKind>> = {
  retries: "retry",
  failovers: "failover",
  fallbacks: "fallback",
};
const quantileOf: Partial<Record<SeriesMetric, number>> = {
  latencyMsP50: 500,
  latencyMsP95: 950,
  latencyMsP99: 990,
};
const statusClassOf: Partial<Record<SeriesMetric, number>> = {
  statusNone: 0,
  status1xx: 1,
  status2xx: 2,
  status3xx: 3,
  status4xx: 4,
  status5xx: 5,
};
const counterOf: Partial<Record<SeriesMetric, Counter>> = {
  requests: "requests",
  errors: "errors",
  notFound: "notFound",
  bytes: "bytes",
};

function valueOf(metric: SeriesMetric, { sums, relations, tlsFailures }: Point): number | null {
  const { counts } = sums;
  const relation = relationOf[metric];
  if (relation !== undefined) return relations[relation];
  const quantile = quantileOf[metric];
  if (quantile !== undefined) return quantileMs(sums.latency, quantile);
  const statusClass = statusClassOf[metric];
  if (statusClass !== undefined) return statusesOf(sums, statusClass);
  if (metric === "errorRate") return ratio(counts.errors, counts.requests);
  if (metric === "hitRatio") return hitRatio(cacheOf(counts));
  if (metric === "tlsFailures") return tlsFailures;
  const counter = counterOf[metric];
  return counter === undefined ? null : counts[counter];
}

function statusesOf({ statuses }: Sums, statusClass: number): number {
  let sum = 0;
  for (const [status, count] of statuses) {
    if (Math.floor(status / 100) === statusClass) sum += count;
  }
  return sum;
}
