import type { MetricSeriesAnswer, MetricSeriesParams } from "#lib/contract/metrics.ts";
import { alignedTo, bucketStartMs, type Window } from "#lib/core/bucket.ts";
import { plus, quantileOf } from "#lib/core/metric-histogram.ts";
import { type MetricIncrease, increasesOf, type MetricReadingAt } from "#lib/core/metric-steps.ts";
import type { MetricHistogram, MetricKind, MetricReading, Temporality } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";

import { queryMetricAttributes } from "./metric-list.ts";
import { labelsColumn, labelsOf, readReadings, type SeriesRow } from "./metric-readings.ts";
import type { Scope } from "./scope.ts";

const steps = [
  10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800,
];
const pointsWanted = 120;
const pointsMax = 1_500;
/** Finer than most senders send: their points would be told apart by gaps. */
const stepMin = 30;
const seriesMax = 500;
const groupsMax = 20;

/** How a metric ran over the window; null where nothing is known of that name. */
export async function queryMetricSeries(
  db: Database,
  scope: Scope,
  params: MetricSeriesParams,
): Promise<MetricSeriesAnswer | null> {
  const rows = await matching(db, scope, params);
  const [first] = rows;
  if (first === undefined) return null;
  const step = stepOf(scope.window, params.step);
  const window = alignedTo(scope.window, step);
  const alike = rows.filter(({ kind, unit }) => kind === first.kind && unit === first.unit);
  const readings = readingsOf(first.kind, first.temporality);
  const reading = readings.find((one) => one === params.reading) ?? readings[0] ?? "value";
  const found = await readReadings(
    db,
    scope.project,
    alike.slice(0, seriesMax).map(({ id }) => id),
    window,
    Math.max(1, Math.floor(step / 4)),
  );
  const groups = grouped(alike.slice(0, seriesMax), params.groupBy);
  const drawn = groups
    .map(({ labels, members }) => ({
      labels,
      points: pointsOf({ members, found, reading, window, step }),
    }))
    .filter(({ points }) => points.some(([, value]) => value !== null))
    .toSorted((one, other) => weightOf(other.points) - weightOf(one.points));
  return {
    name: first.name,
    unit: first.unit,
    kind: first.kind,
    reading,
    readings: [...readings],
    step,
    attributes: await queryMetricAttributes(db, scope, first.name),
    series: drawn.slice(0, groupsMax),
    matched: rows.length,
    leftOut: Math.max(0, drawn.length - groupsMax),
  };
}

/** The readings that make sense of a kind, the usual one first. */
function readingsOf(kind: MetricKind, temporality: Temporality): readonly MetricReading[] {
  if (kind === "counter") return ["rate", "increase"];
  if (kind === "histogram") return ["p95", "p50", "p90", "p99", "mean", "rate", "increase"];
  return temporality === "delta" ? ["increase", "rate"] : ["value"];
}

async function matching(
  db: Database,
  { project, window }: Scope,
  { name, filter }: MetricSeriesParams,
): Promise<SeriesRow[]> {
  const wanted = filter.map((text): [string, string] => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)];
  });
  const answer = await db.pool.query<SeriesRow>(
    `SELECT id, proxy, instance, name, unit, kind, temporality, attributes FROM metric_series
      WHERE project_id = $1 AND name = $2 AND seen_on >= $3::timestamptz::date
        AND (${labelsColumn}) @> $4
      ORDER BY id LIMIT 5000`,
    [
      project,
      name,
      new Date(window.fromMs).toISOString(),
      JSON.stringify(Object.fromEntries(wanted)),
    ],
  );
  return answer.rows;
}

function stepOf({ fromMs, toMs }: Window, asked: number | undefined): number {
  const seconds = (toMs - fromMs) / 1_000;
  const least = Math.max(asked ?? Math.max(stepMin, seconds / pointsWanted), seconds / pointsMax);
  if (asked !== undefined && asked >= least) return asked;
  return steps.find((step) => step >= least) ?? 604_800;
}

interface Group {
  readonly labels: Readonly<Record<string, string>>;
  readonly members: readonly SeriesRow[];
}

/** Series by one of their labels, or each by all that tells it apart. */
function grouped(rows: readonly SeriesRow[], groupBy: string | undefined): Group[] {
  const keyOf = (row: SeriesRow): Record<string, string> => {
    const labels = labelsOf(row);
    return groupBy === undefined ? labels : { [groupBy]: labels[groupBy] ?? "" };
  };
  const groups = Map.groupBy(rows, (row) => textOf(keyOf(row)));
  return [...groups.values()].map((members) => ({
    labels: members[0] === undefined ? {} : keyOf(members[0]),
    members,
  }));
}

function textOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

type Points = [number, number | null][];

interface Drawing {
  readonly members: readonly SeriesRow[];
  readonly found: ReadonlyMap<number, readonly MetricReadingAt[]>;
  readonly reading: MetricReading;
  readonly window: Window;
  readonly step: number;
}

/** The sum of the members in every step; a quantile of their histograms together. */
function pointsOf({ members, found, reading, window, step }: Drawing): Points {
  const buckets = new Map<number, number | MetricHistogram>();
  for (const { id, temporality } of members) {
    const readings = found.get(id) ?? [];
    const own =
      reading === "value"
        ? valuesBy(readings, step)
        : countedBy(increasesOf(readings, temporality, window.fromMs), reading, step);
    for (const [startMs, value] of own) buckets.set(startMs, joined(buckets.get(startMs), value));
  }
  const points: Points = [];
  for (let startMs = window.fromMs; startMs < window.toMs; startMs += step * 1_000) {
    points.push([startMs, drawnOf(buckets.get(startMs), reading)]);
  }
  return points;
}

function joined(
  known: number | MetricHistogram | undefined,
  value: number | MetricHistogram,
): number | MetricHistogram {
  if (known === undefined) return value;
  if (typeof known === "number") return typeof value === "number" ? known + value : value;
  return typeof value === "number" ? known : plus(known, value);
}

/** The mean of the values in each step. */
function valuesBy(readings: readonly MetricReadingAt[], step: number): Map<number, number> {
  const byStep = Map.groupBy(readings, ({ atMs }) => bucketStartMs(atMs, step));
  return new Map(
    Array.from(byStep, ([startMs, list]) => [
      startMs,
      list.reduce((sum, { value }) => sum + value, 0) / list.length,
    ]),
  );
}

/** What was counted in each step, a second of it, or the histogram of it. */
function countedBy(
  increases: readonly MetricIncrease[],
  reading: MetricReading,
  step: number,
): Map<number, number | MetricHistogram> {
  const counted = new Map<number, number | MetricHistogram>();
  for (const [startMs, list] of Map.groupBy(increases, ({ atMs }) => bucketStartMs(atMs, step))) {
    const value = list.reduce((sum, one) => sum + one.value, 0);
    const seconds = list.reduce((sum, one) => sum + one.overMs, 0) / 1_000;
    if (reading === "increase") counted.set(startMs, value);
    else if (reading === "rate") counted.set(startMs, value / (seconds > 0 ? seconds : step));
    else {
      const histograms = list.flatMap(({ histogram }) => histogram ?? []);
      if (histograms.length > 0) counted.set(startMs, histograms.reduce(plus));
    }
  }
  return counted;
}

const shares: Partial<Record<MetricReading, number>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

function drawnOf(
  value: number | MetricHistogram | undefined,
  reading: MetricReading,
): number | null {
  if (value === undefined || typeof value === "number") return value ?? null;
  const share = shares[reading];
  if (share !== undefined) return quantileOf(value, share);
  const count = value.counts.reduce((sum, one) => sum + one, 0);
  return value.sum === null || count === 0 ? null : value.sum / count;
}

function weightOf(points: Points): number {
  return points.reduce((sum, [, value]) => sum + Math.abs(value ?? 0), 0);
}
