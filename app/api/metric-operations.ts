import {
  metricMeasuresAnswer,
  metricsAnswer,
  metricSeriesAnswer,
  metricSeriesParams,
  metricsParams,
} from "#lib/contract/metrics.ts";
import { windowParams } from "#lib/contract/window.ts";

import type { Operation } from "./operation.ts";

/** Metrics that were sent or scraped. */
export const metricOperations: readonly Operation[] = [
  {
    path: "/api/v1/metrics",
    method: "get",
    id: "listMetrics",
    summary: "Every metric that was sent or scraped in the window",
    search: windowParams.extend(metricsParams.shape),
    answer: { name: "MetricsAnswer", schema: metricsAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/metrics/series",
    method: "get",
    id: "getMetricSeries",
    summary: "One metric over time: its value, its rate a second, or a quantile of its histogram",
    search: windowParams.extend(metricSeriesParams.shape),
    answer: { name: "MetricSeriesAnswer", schema: metricSeriesAnswer },
    refusals: [400, 404, 503],
  },
  {
    path: "/api/v1/metrics/measures",
    method: "get",
    id: "listMetricMeasures",
    summary: "What proxies count of themselves, and how the pages are that are scraped",
    search: windowParams,
    answer: { name: "MetricMeasuresAnswer", schema: metricMeasuresAnswer },
    refusals: [400, 503],
  },
];
