import type { SeriesMetric } from "#lib/contract/series.ts";
import type { Window } from "#lib/core/bucket.ts";

import { chartBucketsMax, stepFor } from "../charts/prepare-step.ts";
import type { SeriesQuestion } from "../data/questions.ts";

/** The classes of answers, in the order they are stacked. */
export const statusClasses = [
  "status1xx",
  "status2xx",
  "status3xx",
  "status4xx",
  "status5xx",
  "statusNone",
] as const satisfies readonly SeriesMetric[];

/** What a proxy did after an attempt that failed. */
export const moves = [
  "retries",
  "failovers",
  "fallbacks",
  "tlsFailures",
] as const satisfies readonly SeriesMetric[];

export const percentiles = [
  "latencyMsP50",
  "latencyMsP95",
  "latencyMsP99",
] as const satisfies readonly SeriesMetric[];

/** Everything the charts of one upstream draw, in one question. */
export function upstreamSeries(window: Window, proxy: string, upstream: string): SeriesQuestion {
  return {
    metric: [...statusClasses, ...percentiles, "errorRate", ...moves],
    groupBy: "upstream",
    proxy,
    upstream,
    step: stepFor(window, chartBucketsMax),
  };
}
