import { z } from "zod";

import { incidentStates } from "#lib/core/alert.ts";
import { severities } from "#lib/core/severity.ts";

import { alertEvidence, alertValue } from "./alert-event.ts";

const labels = z.record(z.string(), z.string());
const time = z.iso.datetime();

/** One stretch in which an alert fired. */
export const incidentItem = z.object({
  groupKey: z.string(),
  ruleKey: z.string(),
  fingerprint: z.string(),
  severity: z.enum(severities),
  labels,
  annotations: labels,
  /** What the rule looked at, as it was when the alert fired. */
  values: z.array(alertValue),
  /** Since when the condition held; names the incident among those of its alert. */
  activeAt: time,
  firedAt: time,
  resolvedAt: time.nullable(),
  /** Why it ended, in a sentence; null while it goes on. */
  endedBecause: z.string().nullable(),
  acknowledged: z.object({ at: time, by: z.string() }).nullable(),
});
export type IncidentItem = z.infer<typeof incidentItem>;

/** Query of `GET /api/v1/incidents`, beside `from` and `to`: those that fired at any time of the window. */
export const incidentsParams = z.object({
  state: z.enum(incidentStates).optional(),
  severity: z.enum(severities).optional(),
  rule: z.string().max(200).optional(),
  proxy: z.string().max(400).optional(),
  upstream: z.string().max(400).optional(),
  /** Goes on after the last page: its `next`. */
  after: z
    .string()
    .max(400)
    .regex(/^\d{1,15}\.\S+$/, "must be the `next` of the page before")
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type IncidentsParams = z.infer<typeof incidentsParams>;

/** Answer of `GET /api/v1/incidents`, the last that fired first. */
export const incidentsAnswer = z.object({
  items: z.array(incidentItem),
  /** Where the next page begins; null on the last. */
  next: z.string().nullable(),
  /** What the incidents of the window can be narrowed to, whatever they are narrowed to now; at most 200 of each. */
  choices: z.object({
    rules: z.array(z.object({ key: z.string(), name: z.string() })),
    proxies: z.array(z.string()),
    upstreams: z.array(z.string()),
  }),
});
export type IncidentsAnswer = z.infer<typeof incidentsAnswer>;

/** One incident with what it was about. */
export const incidentDetail = incidentItem.extend({
  evidence: z.array(alertEvidence),
  /** The worst exchanges behind it when it fired; `kept` is false once retention has dropped what they were read from. */
  exchanges: z.array(alertEvidence.extend({ kept: z.boolean() })),
});
export type IncidentDetail = z.infer<typeof incidentDetail>;
