import { steps, type Window } from "#lib/core/bucket.ts";

/** Bucket widths that people read easily, in seconds; each is a whole number of stored buckets. */
const widths = [
  10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 2_592_000,
] as const;

/** The narrowest readable bucket, in seconds, that cuts the window into at most `bucketsMax` pieces. */
export function stepFor(window: Window, bucketsMax: number): number {
  const seconds = (window.toMs - window.fromMs) / 1_000;
  return widths.find((width) => Math.ceil(seconds / width) <= bucketsMax) ?? 2_592_000;
}

/** How many buckets a large chart may show. */
export const chartBucketsMax = 120;

/** How many buckets a trend in a table cell shows: enough for its shape. */
const trendBuckets = { min: 20, max: 48 } as const;

/**
 * The bucket width of the trends in a table, in seconds: made of the coarsest stored buckets of which enough lie in the
 * window, as a table has a trend for every row and each would read all the finer ones.
 */
export function trendStepFor(window: Window): number {
  const seconds = (window.toMs - window.fromMs) / 1_000;
  const stored = steps.findLast((step) => seconds / step >= trendBuckets.min) ?? 10;
  const fitting = widths.find(
    (width) => width % stored === 0 && Math.ceil(seconds / width) <= trendBuckets.max,
  );
  return fitting ?? 2_592_000;
}
