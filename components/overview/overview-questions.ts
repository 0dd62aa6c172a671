import type { Window } from "#lib/core/bucket.ts";

import { trendStepFor } from "../charts/prepare-step.ts";
import type { SeriesQuestion } from "../data/questions.ts";

/** The trends of every proxy, in the overview's buckets. */
export function proxyTrends(window: Window): SeriesQuestion {
  return {
    metric: ["requests", "errorRate", "latencyMsP95", "hitRatio", "fallbacks", "tlsFailures"],
    groupBy: "proxy",
    step: trendStepFor(window),
  };
}

/** The trends of every upstream, or of one proxy's. */
export function upstreamTrends(window: Window, proxy: string | null): SeriesQuestion {
  return {
    metric: ["errorRate", "latencyMsP95", "fallbacks", "tlsFailures"],
    groupBy: "upstream",
    step: trendStepFor(window),
    ...(proxy === null ? {} : { proxy }),
  };
}
