import { z } from "zod";

import { alertStates, outcomes } from "#lib/core/alert.ts";
import { severities } from "#lib/core/severity.ts";

import { alertValue } from "./alert-event.ts";
import { deliveryItem } from "./deliveries.ts";
import { incidentDetail, incidentItem } from "./incidents.ts";

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

/** One line of an incident's timeline. */
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
  /** A silence that matched it; `at` is when it began to matter. */
  z.object({
    kind: z.literal("silence"),
    at: time,
    id: z.string(),
    endsAt: time,
    author: z.string(),
    reason: z.string(),
  }),
  /** A message that told of it. */
  z.object({ kind: z.literal("notification"), at: time, delivery: deliveryItem }),
]);
export type TimelineItem = z.infer<typeof timelineItem>;

/** The path of `/api/v1/alerts/{rule}/{fingerprint}`. */
export const alertParams = z.object({
  rule: z.string().min(1).max(100),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, "a fingerprint is 16 hexadecimal digits"),
});

/** Query of `GET /api/v1/alerts/{rule}/{fingerprint}`: which incident, by its `activeAt`; the last one without it. */
export const alertSearch = z.object({ incident: time.optional() });

/** Answer of `GET /api/v1/alerts/{rule}/{fingerprint}`: one incident of the alert. */
export const alertAnswer = z.object({
  /** The alert as it stands; null once it is forgotten, or where the incident is not its present one. */
  alert: alertItem.nullable(),
  /** Null while the alert never fired. */
  incident: incidentDetail.nullable(),
  /** Everything that happened to the incident, the newest first. */
  timeline: z.array(timelineItem),
  /** The last incidents of the alert, the newest first. */
  incidents: z.array(incidentItem),
  /** So long are exchanges kept: those of older incidents cannot be opened any more. */
  telemetryKeptDays: z.number(),
});
export type AlertAnswer = z.infer<typeof alertAnswer>;

/** Body of `POST /api/v1/alerts/{rule}/{fingerprint}/notes`. */
export const newNote = z.object({
  kind: z.enum(["acknowledged", "comment"]),
  author: z.string().trim().min(1).max(120).default("somebody"),
  text: z.string().trim().max(4_000).default(""),
  /** Beside which incident, by its `activeAt`; the one that goes on, or else the last, without it. */
  incident: time.optional(),
});
export type NewNote = z.infer<typeof newNote>;
