import { z } from "zod";

import { severities } from "#lib/core/severity.ts";

const labels = z.record(z.string(), z.string());
const time = z.iso.datetime();

/** A number that the rule looked at, as it was when the alert changed; null means it could not be measured. */
export const alertValue = z.object({
  /** The metric as it is written in expressions, such as `error_rate_5m`. */
  name: z.string(),
  value: z.number().nullable(),
  unit: z.enum(["ratio", "seconds", "count", "perSecond", "bytes", "factor"]),
  /** The value in words, such as `3.2 %` or `1.24 s`. */
  text: z.string(),
});
export type AlertValue = z.infer<typeof alertValue>;

/** Something to look at: a view of the web role, over absolute times that cover the window the rule looked at. */
export const alertEvidence = z.object({
  kind: z.enum([
    "upstream",
    "proxy",
    "exchanges",
    "series",
    "slo",
    "rule",
    "alert",
    "certificate",
    "operations",
  ]),
  title: z.string(),
  /** Path with its query, below the web role's public address; `from` and `to` stand in it already. */
  path: z.string().startsWith("/"),
  from: time,
  to: time,
});
export type AlertEvidence = z.infer<typeof alertEvidence>;

/** What the outbox carries from rules to notification: one alert that began to fire, or stopped. */
export const alertEvent = z.object({
  ruleKey: z.string(),
  /** 16 hexadecimal digits over the labels, as Alertmanager computes it. */
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  groupKey: z.string(),
  transitionSeq: z.int().positive(),
  status: z.enum(["firing", "resolved"]),
  severity: z.enum(severities),
  /** The identity of the alert: `alertname`, `rule`, `severity`, what it is grouped by (`proxy`, `upstream`, `certificate`, `token`), and the rule's own. */
  labels,
  /** For people: `summary`, `description`, and `runbook_url` where the rule has one. */
  annotations: labels,
  /** Since when the condition held. */
  startsAt: time,
  /** Null while it fires. */
  endsAt: time.nullable(),
  /** Why the state changed, in a sentence. */
  reason: z.string(),
  values: z.array(alertValue),
  evidence: z.array(alertEvidence),
  /** The page of the alert, below the web role's public address. */
  generatorPath: z.string().startsWith("/"),
});
export type AlertEvent = z.infer<typeof alertEvent>;
