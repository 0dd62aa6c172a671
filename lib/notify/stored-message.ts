import { z } from "zod";

import type { AlertMessage } from "./alert-message.ts";

const labels = z.record(z.string(), z.string());
const status = z.enum(["firing", "resolved"]);

const evidence = z.object({
  kind: z.string(),
  title: z.string(),
  url: z.string(),
  from: z.string(),
  to: z.string(),
});

const exchange = z.object({
  time: z.string(),
  proxy: z.string(),
  upstream: z.string().nullable(),
  path: z.string().nullable(),
  status: z.number().nullable(),
  errorType: z.string().nullable(),
  latencyMs: z.number().nullable(),
  url: z.string(),
});

const stored = z.object({
  version: z.literal("4"),
  groupKey: z.string(),
  truncatedAlerts: z.number(),
  status,
  receiver: z.string(),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: labels,
  routeLabels: labels,
  externalURL: z.string(),
  notification_reason: z.enum([
    "first notification",
    "new alerts added",
    "all alerts resolved",
    "some alerts resolved",
    "repeat interval elapsed",
  ]),
  alerts: z.array(
    z.object({
      status,
      labels,
      annotations: labels,
      startsAt: z.string(),
      endsAt: z.string(),
      generatorURL: z.string(),
      fingerprint: z.string(),
      silenceURL: z.string(),
      dashboardURL: z.string(),
      values: z.record(z.string(), z.number().nullable()),
      valueString: z.string(),
      evidence: z.array(evidence),
      exchanges: z.array(exchange),
    }),
  ),
  evidence: z.array(evidence),
  title: z.string(),
  state: z.enum(["alerting", "ok"]),
  message: z.string(),
});

/** A message as it was queued, read back. */
export function storedMessage(value: unknown): AlertMessage {
  return stored.parse(value);
}
