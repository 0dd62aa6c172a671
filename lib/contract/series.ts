import { z } from "zod";

/** What can be drawn over time. Units stand in the names; rates and ratios are between 0 and 1. */
export const seriesMetrics = [
  "requests",
  "errors",
  "errorRate",
  "notFound",
  "latencyMsP50",
  "latencyMsP95",
  "latencyMsP99",
  "hitRatio",
  "retries",
  "failovers",
  "fallbacks",
  "tlsFailures",
  "bytes",
  "status1xx",
  "status2xx",
  "status3xx",
  "status4xx",
  "status5xx",
  "statusNone",
] as const;
export type SeriesMetric = (typeof seriesMetrics)[number];

/** Whose numbers: what a proxy answered, or what one upstream answered it. */
export const seriesGroups = ["proxy", "upstream"] as const;

/**
 * Query of `GET /api/v1/series`: `metric` may be given several times;
 * `step` is the width of a point in seconds (10, 60, 3600, 86400 or a multiple), chosen to give about 120 points when absent.
 */
export const seriesParams = z.object({
  metric: z.array(z.enum(seriesMetrics)).min(1).max(seriesMetrics.length),
  groupBy: z.enum(seriesGroups).default("proxy"),
  proxy: z.string().optional(),
  upstream: z.string().optional(),
  step: z.coerce.number().int().min(10).multipleOf(10).optional(),
});
export type SeriesParams = z.infer<typeof seriesParams>;

/** A point: start of its bucket in epoch milliseconds, and the value; null where nothing was measured. */
export const seriesPoint = z.tuple([z.number(), z.number().nullable()]);

/** Answer of `GET /api/v1/series`. Every series has a point for every bucket of the window. */
export const seriesAnswer = z.object({
  /** Width of a point in seconds. */
  step: z.int(),
  series: z.array(
    z.object({
      metric: z.enum(seriesMetrics),
      labels: z.record(z.string(), z.string()),
      points: z.array(seriesPoint),
    }),
  ),
});
export type SeriesAnswer = z.infer<typeof seriesAnswer>;
