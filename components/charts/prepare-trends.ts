import type { SeriesAnswer, SeriesMetric } from "#lib/contract/series.ts";

type Points = SeriesAnswer["series"][number]["points"];

/** Finds the points of a series by its metric and labels, without looking through all of them each time. */
export interface Trends {
  of(metric: SeriesMetric, proxy: string, upstream?: string): Points;
}

/** Sorts an answer of the series question into trends. */
export function prepareTrends(answer: SeriesAnswer | undefined): Trends {
  const byKey = new Map<string, Points>();
  for (const { metric, labels, points } of answer?.series ?? []) {
    byKey.set(keyOf(metric, labels["proxy"], labels["upstream"]), points);
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
