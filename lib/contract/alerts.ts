import { z } from "zod";

import { alertStates, outcomes } from "#lib/core/alert.ts";
import { severities } from "#lib/core/severity.ts";

import { alertValue } from "./alert-event.ts";

const labels = z.record(z.string(), z.string());
const time = z.iso.datetime();

/** One alert that is not inactive. */
export const alertItem = z.object({
  groupKey: z.string(),
  ruleKey: z.string(),
  fingerprint: z.string(),
  state: z.enum(alertStates),
  outcome: z.enum(outcomes),
  severity: z.enum(severities),
  labels,
  annotations: labels,
  values: z.array(alertValue),
  activeAt: time,
  firedAt: time.nullable(),
  resolvedAt: time.nullable(),
  /** Since when nobody can say whether the condition holds; null while it is known. */
  unknownAt: time.nullable(),
  acknowledged: z.object({ at: time, by: z.string() }).nullable(),
  /** The silences that match now. */
  silencedBy: z.array(z.string()),
  /** It fired four times or more within the last hour. */
  flapping: z.boolean(),
});
export type AlertItem = z.infer<typeof alertItem>;

/** Query of `GET /api/v1/alerts`. */
export const alertsParams = z.object({
  state: z.enum(alertStates).optional(),
  severity: z.enum(severities).optional(),
  rule: z.string().optional(),
  proxy: z.string().optional(),
  upstream: z.string().optional(),
});
export type AlertsParams = z.infer<typeof alertsParams>;

/** Answer of `GET /api/v1/alerts`, firing first, then the newest. */
export const alertsAnswer = z.object({ items: z.array(alertItem) });
export type AlertsAnswer = z.infer<typeof alertsAnswer>;

/** One line of an alert's timeline. */
export const timelineItem = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("transition"),
    at: time,
    from: z.enum(alertStates),
    to: z.enum(alertStates),
    reason: z.string(),
    values: z.array(alertValue),
    incidentAt: time,
  }),
  z.object({
    kind: z.enum(["acknowledged", "comment"]),
    at: time,
    author: z.string(),
    text: z.string(),
  }),
]);
export type TimelineItem = z.infer<typeof timelineItem>;

/** The path of `/api/v1/alerts/{rule}/{fingerprint}`. */
export const alertParams = z.object({
  rule: z.string().min(1).max(100),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, "a fingerprint is 16 hexadecimal digits"),
});

/** Answer of `GET /api/v1/alerts/{rule}/{fingerprint}`; the alert is null once it is forgotten. */
export const alertAnswer = z.object({
  alert: alertItem.nullable(),
  timeline: z.array(timelineItem),
});
export type AlertAnswer = z.infer<typeof alertAnswer>;

/** Body of `POST /api/v1/alerts/{rule}/{fingerprint}/notes`. */
export const newNote = z.object({
  kind: z.enum(["acknowledged", "comment"]),
  author: z.string().trim().min(1).max(120).default("somebody"),
  text: z.string().trim().max(4_000).default(""),
});
export type NewNote = z.infer<typeof newNote>;
