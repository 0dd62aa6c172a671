import type { SeriesAnswer, SeriesMetric } from "#lib/contract/series.ts";

type Points = SeriesAnswer["series"][number]["points"];

/** Finds the points of a series by its metric and labels, without looking through all of them each time. */
export interface Trends {
  of(metric: SeriesMetric, proxy: string, upstream?: string): Points;
}

/**
 * Sorts an answer of the series question into trends. A bucket that has not ended at `nowMs` is left out:
 * in so small a picture its half-filled count would read as a drop.
 */
export function prepareTrends(answer: SeriesAnswer | undefined, nowMs: number): Trends {
  const byKey = new Map<string, Points>();
  const endedMs = nowMs - (answer?.step ?? 0) * 1_000;
  for (const { metric, labels, points } of answer?.series ?? []) {
    byKey.set(
      keyOf(metric, labels["proxy"], labels["upstream"]),
      points.filter(([timeMs]) => timeMs <= endedMs),
    );
  }
  return { of: (metric, proxy, upstream) => byKey.get(keyOf(metric, proxy, upstream)) ?? [] };
}

function keyOf(
  metric: SeriesMetric,
  proxy: string | undefined,
  upstream: string | undefined,
): string {
  return JSON.stringify([metric, proxy ?? null, upstream ?? null]);
}
