import type { Window } from "#lib/core/bucket.ts";
import { unpackHistogram } from "#lib/core/metric-histogram.ts";
import type { MetricReadingAt } from "#lib/core/metric-steps.ts";
import type { MetricKind, Temporality } from "#lib/core/metric.ts";
import type { Database } from "#lib/db/open.ts";

/** How far back the reading before a window is looked for; further back it says nothing of the window. */
const lookBackMs = 300_000;
/** Readings of one question. */
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

/** The labels of a series: its attributes, its proxy and its instance. */
export function labelsOf({ proxy, instance, attributes }: SeriesRow): Record<string, string> {
  return { ...attributes, proxy, ...(instance !== null && { instance }) };
}

/** A window whose readings would be too many to read. */
export class TooManyReadings extends Error {
  override readonly name = "TooManyReadings";
}

/** The readings of series in a window, and the last before it, by the number of the series. */
export async function readReadings(
  db: Database,
  project: number,
  seriesIds: readonly number[],
  window: Window,
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
    `SELECT series_id, extract(epoch FROM at)::float8 * 1000 AS at_ms,
            extract(epoch FROM started_at)::float8 * 1000 AS start_ms, value, histogram
       FROM metric_point
      WHERE project_id = $1 AND series_id = ANY ($2) AND at >= $3 AND at < $4
      ORDER BY series_id, at LIMIT $5`,
    [
      project,
      seriesIds,
      new Date(window.fromMs - lookBackMs).toISOString(),
      new Date(window.toMs).toISOString(),
      readingsMax + 1,
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
