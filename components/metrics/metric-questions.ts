import { queryOptions } from "@tanstack/react-query";
import { createLoader, parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs/server";

import type { MetricSeriesParams } from "#lib/contract/metrics.ts";
import { metricReadings } from "#lib/core/metric.ts";
import type { WindowText } from "#lib/core/window.ts";

import { ask } from "../data/ask.ts";
import { refreshed } from "../data/refreshed.ts";

/** What the address of the metrics says beside the window. */
export const metricKeys = {
  metric: parseAsString,
  reading: parseAsStringLiteral(metricReadings),
  group: parseAsString,
  filter: parseAsArrayOf(parseAsString).withDefault([]),
};

/** Reads the address on the server. */
export const loadMetricState = createLoader(metricKeys);
type MetricState = Awaited<ReturnType<typeof loadMetricState>>;

/** The question of the address, by the names that the API gives its parts. */
export function metricParamsOf(name: string, state: MetricState): MetricSeriesParams {
  return {
    name,
    reading: state.reading ?? undefined,
    groupBy: state.group ?? undefined,
    filter: state.filter.filter((text) => /^[^=]{1,200}=[^]{0,400}$/.test(text)).slice(0, 20),
  };
}

/** Every metric that there is in the window. */
export function metricsQuestion(window: WindowText) {
  return queryOptions({
    queryKey: ["metrics", window],
    queryFn: ({ signal }) =>
      ask(
        "metrics",
        { ...window },
        async () => (await import("#lib/contract/metrics.ts")).metricsAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}

/** One metric over time. */
export function metricSeriesQuestion(window: WindowText, params: MetricSeriesParams) {
  return queryOptions({
    queryKey: ["metric-series", window, params],
    queryFn: ({ signal }) =>
      ask(
        "metrics/series",
        { ...window, ...params },
        async () => (await import("#lib/contract/metrics.ts")).metricSeriesAnswer,
        signal,
      ),
    retry: false,
    ...refreshed(window),
  });
}

/** What proxies count of themselves, and the pages that are scraped. */
export function measuresQuestion(window: WindowText) {
  return queryOptions({
    queryKey: ["metric-measures", window],
    queryFn: ({ signal }) =>
      ask(
        "metrics/measures",
        { ...window },
        async () => (await import("#lib/contract/metrics.ts")).metricMeasuresAnswer,
        signal,
      ),
    ...refreshed(window),
  });
}
