import type { AlertAnswer, AlertItem } from "#lib/contract/alerts.ts";
import type { IncidentItem } from "#lib/contract/incidents.ts";
import { severities } from "#lib/core/severity.ts";

import type { State } from "../overview/prepare-state.ts";

/** The alerts of one rule that stand alike. */
export interface AlertGroup {
  readonly ruleKey: string;
  readonly name: string;
  readonly severity: AlertItem["severity"];
  readonly alerts: readonly AlertItem[];
}

/** The alerts by what they ask of the reader: what fires, what may soon, and what lately ended. */
export interface AlertSections {
  readonly firing: readonly AlertGroup[];
  readonly pending: readonly AlertGroup[];
  readonly resolved: readonly AlertGroup[];
}

/** Sorts alerts into sections, and in each by rule: the severest rule first, then the one that began last. */
export function prepareAlerts(alerts: readonly AlertItem[]): AlertSections {
  return {
    firing: groupsOf(alerts.filter(isFiring)),
    pending: groupsOf(alerts.filter(({ state }) => state === "pending")),
    resolved: groupsOf(alerts.filter(({ state }) => state === "resolved")),
  };
}

/** Whether an alert fires; one that recovers still does. */
export function isFiring({ state }: Pick<AlertItem, "state">): boolean {
  return state === "firing" || state === "recovering";
}

/** The mark of an alert: what wakes people looks like what fails. */
export function markOf({ state, severity }: Pick<AlertItem, "state" | "severity">): State {
  if (state === "resolved" || state === "inactive") return "ok";
  if (state === "pending") return "quiet";
  return severity === "page" ? "failing" : "degraded";
}

/** Labels that say what an alert is about, if it is not about Viascope itself. */
const placeLabels = ["proxy", "certificate", "token", "slo", "evaluates"] as const;

/** What an alert is about, in a few words. */
export function placeOf(labels: AlertItem["labels"]): {
  readonly main: string;
  readonly via: string | null;
} {
  const { proxy, upstream } = labels;
  if (upstream !== undefined) return { main: upstream, via: proxy ?? null };
  const named = placeLabels.map((name) => labels[name]).find((value) => value !== undefined);
  return { main: named ?? "Viascope", via: null };
}

/** Since when it is what it is: since it fired, resolved, or since its condition holds. */
export function sinceMs({ state, activeAt, firedAt, resolvedAt }: AlertItem): number {
  if (state === "resolved") return Date.parse(resolvedAt ?? activeAt);
  return Date.parse(isFiring({ state }) ? (firedAt ?? activeAt) : activeAt);
}

/** The page of one incident: a link that still opens it when its alert has fired again. */
export function incidentAddress({
  groupKey,
  activeAt,
}: Pick<IncidentItem, "groupKey" | "activeAt">) {
  return `/alerts/${groupKey}?incident=${activeAt}`;
}

/** Where an incident stands, told without its alert. */
export function stateOfIncident({ resolvedAt }: Pick<IncidentItem, "resolvedAt">) {
  return resolvedAt === null ? "firing" : "resolved";
}

/** What the page of an alert is about: an incident, an alert that is about to fire, or both. */
export interface ShownAlert {
  readonly state: AlertItem["state"];
  readonly severity: AlertItem["severity"];
  readonly labels: AlertItem["labels"];
  readonly annotations: AlertItem["annotations"];
  readonly values: AlertItem["values"];
  readonly activeAt: string;
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
}

/** What an answer is about; null where nothing but changes of state is known. */
export function shownOf({ alert, incident }: AlertAnswer): ShownAlert | null {
  if (incident === null) return alert;
  return { ...incident, state: alert?.state ?? stateOfIncident(incident) };
}

/** What the rule looks at now, where that differs from when the alert fired. */
export function nowText({ alert, incident }: AlertAnswer, name: string): string | null {
  if (incident === null || alert === null || !isFiring(alert)) return null;
  const text = alert.values.find((value) => value.name === name)?.text ?? null;
  return text === incident.values.find((value) => value.name === name)?.text ? null : text;
}

/** Labels that name an alert for a silence: severity may change, and `alertname` says what `rule` does. */
const namingLabels = [
  "rule",
  "proxy",
  "upstream",
  "certificate",
  "token",
  "slo",
  "evaluates",
] as const;

/** The matchers of a silence for just this alert. */
export function matchersOf(labels: AlertItem["labels"]) {
  return namingLabels.flatMap((name) => {
    const value = labels[name];
    return value === undefined ? [] : [{ name, operator: "=" as const, value }];
  });
}

function groupsOf(alerts: readonly AlertItem[]): AlertGroup[] {
  const groups = Map.groupBy(alerts, ({ ruleKey, severity }) => `${severity} ${ruleKey}`);
  return [...groups.values()]
    .flatMap((members): AlertGroup[] => {
      const sorted = members.toSorted((a, b) => sinceMs(b) - sinceMs(a));
      const [first] = sorted;
      if (first === undefined) return [];
      const name = first.labels["alertname"] ?? first.ruleKey;
      return [{ ruleKey: first.ruleKey, severity: first.severity, name, alerts: sorted }];
    })
    .toSorted((a, b) => rankOf(a) - rankOf(b) || newestMs(b) - newestMs(a));
}

function rankOf({ severity }: AlertGroup): number {
  return severities.indexOf(severity);
}

function newestMs({ alerts: [newest] }: AlertGroup): number {
  return newest === undefined ? 0 : sinceMs(newest);
}
