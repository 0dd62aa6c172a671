import {
  type MetricPoint,
  type MetricSeries,
  seriesKey,
  type StoredPoint,
} from "#lib/core/metric.ts";
import { log } from "#lib/telemetry/log.ts";

import type { ReadPoints } from "./otlp.ts";
import { type Refusal, Refusals } from "./refusals.ts";

/** Gives the numbers of series by their keys; none for those beyond the limit. */
export type NumbersOf = (series: Iterable<MetricSeries>) => Promise<ReadonlyMap<string, number>>;

export interface NumberedPoints {
  readonly points: readonly StoredPoint[];
  readonly reasons: Readonly<Record<string, number>>;
  readonly sentences: readonly string[];
}

const seriesLimit: Refusal = {
  kind: "series_limit",
  sentence:
    "Data points of further series are refused: the project has as many series as VIASCOPE_METRIC_SERIES_MAX allows.",
};

/** The points with the numbers of their series, without those that got none; null when the database is away. */
export async function numbered(
  read: ReadPoints,
  numbersOf: NumbersOf,
): Promise<NumberedPoints | null> {
  const ids = await numbersOf(read.points.map(({ series }) => series)).catch((error: unknown) => {
    log.warn({ err: error }, "the numbers of series could not be looked up");
    return null;
  });
  if (ids === null) return null;
  const refusals = new Refusals(read.reasons, read.sentences);
  const limited = new Set(
    read.points.filter(({ series }) => !ids.has(seriesKey(series))).map(({ position }) => position),
  );
  for (const _ of limited) refusals.add(seriesLimit);
  const kept = read.points.filter(({ position }) => !limited.has(position));
  return {
    points: withNumbers(kept, ids),
    reasons: refusals.byKind(),
    sentences: refusals.sentences(),
  };
}

/** The points whose series has a number. */
export function withNumbers(
  points: readonly MetricPoint[],
  ids: ReadonlyMap<string, number>,
): StoredPoint[] {
  return points.flatMap(({ series, atUs, startUs, value, histogram }) => {
    const seriesId = ids.get(seriesKey(series));
    return seriesId === undefined ? [] : [{ seriesId, atUs, startUs, value, histogram }];
  });
}
