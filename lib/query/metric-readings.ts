import type { Window } from "#lib/core/bucket.ts";
import { unpackHistogram } from "#lib/core/metric-histogram.ts";
import type { MetricReadingAt } from "#lib/core/metric-steps.ts";
import type { MetricKind, Temporality } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";

/** How far back the reading before a window is looked for; further back it says nothing of the window. */
const lookBackMs = 300_000;
/** Readings of one question; they are thinned out where a step holds many. */
const readingsMax = 200_000;

/** A series without its points. */
export interface SeriesRow {
  readonly id: number;
  readonly proxy: string;
  readonly instance: string | null;
  readonly name: string;
  readonly unit: string;
  readonly kind: MetricKind;
  readonly temporality: Temporality;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The labels of a series: its attributes, its proxy and its instance. Attributes of those names are exported_proxy and
 * exported_instance, as Prometheus calls them.
 */
export function labelsOf({ proxy, instance, attributes }: SeriesRow): Record<string, string> {
  const { proxy: ownProxy, instance: ownInstance, ...others } = attributes;
  return {
    ...others,
    proxy,
    ...(instance !== null && { instance }),
    ...(ownProxy !== undefined && { exported_proxy: ownProxy }),
    ...(ownInstance !== undefined && { exported_instance: ownInstance }),
  };
}

/** The same of a row of metric_series. */
export const labelsColumn = `(attributes - 'proxy' - 'instance') || jsonb_strip_nulls(jsonb_build_object(
  'proxy', proxy, 'instance', instance,
  'exported_proxy', attributes -> 'proxy', 'exported_instance', attributes -> 'instance'))`;

/** A window whose readings would be too many to read. */
export class TooManyReadings extends Error {
  override readonly name = "TooManyReadings";
}

/**
 * The readings of series in a window, and the last before it, by the number of the series. Of each `thinSeconds` only
 * the last is given, but of deltas all.
 */
export async function readReadings(
  db: Database,
  project: number,
  seriesIds: readonly number[],
  { fromMs, toMs }: Window,
  thinSeconds: number,
): Promise<Map<number, MetricReadingAt[]>> {
  const found = new Map<number, MetricReadingAt[]>();
  if (seriesIds.length === 0) return found;
  const answer = await db.pool.query<{
    series_id: number;
    at_ms: number;
    start_ms: number | null;
    value: number;
    histogram: Buffer | null;
  }>(
    `SELECT * FROM (
       SELECT DISTINCT ON (series_id, part) series_id, extract(epoch FROM at)::float8 * 1000 AS at_ms,
              extract(epoch FROM started_at)::float8 * 1000 AS start_ms, value, histogram,
              CASE WHEN temporality = 'delta' THEN extract(epoch FROM at)
                   ELSE floor(extract(epoch FROM at) / $6) END AS part
         FROM metric_point
         JOIN metric_series ON metric_series.project_id = metric_point.project_id AND id = series_id
        WHERE metric_point.project_id = $1 AND series_id = ANY ($2) AND at >= $3 AND at < $4
        ORDER BY series_id, part, at DESC
     ) AS thinned ORDER BY series_id, at_ms LIMIT $5`,
    [
      project,
      seriesIds,
      new Date(fromMs - lookBackMs).toISOString(),
      new Date(toMs).toISOString(),
      readingsMax + 1,
      thinSeconds,
    ],
  );
  if (answer.rows.length > readingsMax) {
    throw new TooManyReadings(
      `The window holds more than ${readingsMax} readings of these series; ask for less time or fewer series.`,
    );
  }
  for (const { series_id: id, at_ms: atMs, start_ms: startMs, value, histogram } of answer.rows) {
    const reading = {
      atMs,
      startMs,
      value,
      histogram: histogram === null ? null : unpackHistogram(histogram),
    };
    const list = found.get(id);
    if (list === undefined) found.set(id, [reading]);
    else list.push(reading);
  }
  return found;
}
