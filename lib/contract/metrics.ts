import { z } from "zod";

import { metricKinds, metricReadings, temporalities } from "#lib/core/metric.ts";

import { seriesPoint } from "./series.ts";

const text = (most: number) => z.string().min(1).max(most);

/** Query of `GET /api/v1/metrics`. */
export const metricsParams = z.object({
  proxy: text(400).optional(),
  search: text(300).optional(),
});
export type MetricsParams = z.infer<typeof metricsParams>;

/** Answer of `GET /api/v1/metrics`: every metric that was sent or scraped in the window. */
export const metricsAnswer = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      /** As OpenTelemetry writes units (UCUM): `s`, `By`, `1`; empty when none was said. */
      unit: z.string(),
      kind: z.enum(metricKinds),
      temporality: z.enum(temporalities),
      series: z.int(),
      proxies: z.array(z.string()),
    }),
  ),
  /** Whether there are more than fit into one answer; `search` narrows it. */
  more: z.boolean(),
});
export type MetricsAnswer = z.infer<typeof metricsAnswer>;

const filterShape = /^[^=]{1,200}=[^]{0,400}$/;

/** Query of `GET /api/v1/metrics/series`: `filter` is `attribute=value` and may be given several times. */
export const metricSeriesParams = z.object({
  name: text(300),
  reading: z.enum(metricReadings).optional(),
  groupBy: text(200).optional(),
  filter: z
    .array(z.string().regex(filterShape, "must be like attribute=value"))
    .max(20)
    .default([]),
  step: z.coerce.number().int().min(10).max(604_800).multipleOf(10).optional(),
});
export type MetricSeriesParams = z.infer<typeof metricSeriesParams>;

/** Answer of `GET /api/v1/metrics/series`. Every series has a point for every step; null is a gap. */
export const metricSeriesAnswer = z.object({
  name: z.string(),
  unit: z.string(),
  kind: z.enum(metricKinds),
  reading: z.enum(metricReadings),
  /** The readings that this kind of metric has. */
  readings: z.array(z.enum(metricReadings)),
  /** Width of a point in seconds. */
  step: z.int(),
  attributes: z.array(z.object({ key: z.string(), values: z.array(z.string()) })),
  series: z.array(
    z.object({ labels: z.record(z.string(), z.string()), points: z.array(seriesPoint) }),
  ),
  /** Series that match, and groups left out because only the largest are drawn. */
  matched: z.int(),
  leftOut: z.int(),
});
export type MetricSeriesAnswer = z.infer<typeof metricSeriesAnswer>;

/** Answer of `GET /api/v1/metrics/measures`: what proxies count of themselves. Never added to what is counted from spans and logs. */
export const metricMeasuresAnswer = z.object({
  items: z.array(
    z.object({
      proxy: z.string(),
      /** Null for the proxy itself, else what it asked. */
      upstream: z.string().nullable(),
      requests: z.number().nullable(),
      errors: z.number().nullable(),
      errorRate: z.number().nullable(),
      cacheHits: z.number().nullable(),
      cacheMisses: z.number().nullable(),
      hitRatio: z.number().nullable(),
      /** Names of the metrics that it comes from. */
      metrics: z.array(z.string()),
    }),
  ),
  targets: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      up: z.boolean().nullable(),
      scrapedAt: z.string().nullable(),
      durationMs: z.number().nullable(),
      samples: z.int().nullable(),
      refused: z.int().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});
export type MetricMeasuresAnswer = z.infer<typeof metricMeasuresAnswer>;
