import { z } from "zod";

import { moduleEndpoints } from "#lib/core/module-request.ts";
import { sloIndicators } from "#lib/core/slo-definition.ts";

/** Where our own numbers come from, in the words that OpenSLO leaves to each source. */
const ourSource = z.object({
  indicator: z.enum(sloIndicators),
  thresholdMs: z.number().optional(),
  proxy: z.string().optional(),
  upstream: z.string().optional(),
  endpoint: z.enum(moduleEndpoints).optional(),
  module: z.string().optional(),
});
export type OurSource = z.infer<typeof ourSource>;

const metric = z.object({
  metricSource: z.object({
    type: z.literal("viascope", "only metrics of `type: viascope` can be taken"),
    spec: ourSource,
  }),
});

const target = z.number().min(0).lt(1);

/** The parts of an OpenSLO v1 SLO that we read. */
export const openSlo = z.object({
  apiVersion: z.literal("openslo/v1"),
  kind: z.literal("SLO"),
  metadata: z.object({
    name: z.string(),
    displayName: z.string().optional(),
    labels: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({
    description: z.string().max(1_050).optional(),
    service: z.string().optional(),
    indicator: z.object({
      metadata: z.object({ name: z.string() }).optional(),
      spec: z.object({
        thresholdMetric: metric.optional(),
        ratioMetric: z
          .object({
            counter: z.boolean().optional(),
            good: metric.optional(),
            bad: metric.optional(),
            total: metric.optional(),
          })
          .optional(),
      }),
    }),
    timeWindow: z
      .array(
        z.object({
          duration: z.string(),
          isRolling: z.boolean().optional(),
          calendar: z.object({ startTime: z.string(), timeZone: z.string() }).optional(),
        }),
      )
      .length(1),
    budgetingMethod: z.enum(["Occurrences", "Timeslices"]),
    objectives: z
      .array(
        z.object({
          displayName: z.string().optional(),
          op: z.enum(["lte", "gte", "lt", "gt"]).optional(),
          value: z.number().optional(),
          target: target.optional(),
          targetPercent: z.number().min(0).lt(100).optional(),
          timeSliceTarget: target.optional(),
          timeSliceWindow: z.string().optional(),
        }),
      )
      .length(1, "exactly one objective can be taken from a document"),
    alertPolicies: z.array(z.unknown()).optional(),
  }),
});
export type OpenSlo = z.infer<typeof openSlo>;

/** Annotations in which we keep what OpenSLO has no field for. */
export const annotation = {
  alerts: "viascope/alerts",
  coverageMinPpm: "viascope/coverage-min-ppm",
  minBad: "viascope/min-bad",
  minTotal: "viascope/min-total",
  runbookUrl: "viascope/runbook-url",
} as const;
