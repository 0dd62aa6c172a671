import { alertValue, type AlertValue } from "#lib/contract/alert-event.ts";
import type { AlertItem, AlertsParams } from "#lib/contract/alerts.ts";
import { severities } from "#lib/core/severity.ts";
import type { Database } from "#lib/db/open.ts";
import { matchesAll } from "#lib/notify/matchers.ts";
import { countFirings, loadAcknowledgments } from "#lib/store/alert-timeline.ts";
import { loadAlerts, type StoredAlert } from "#lib/store/alerts.ts";

import { readSilences } from "./silences.ts";

/** From so many times within an hour on an alert flaps. */
const flappingTimes = 4;
const hourMs = 3_600_000;

/** The alerts that are not inactive: firing first, then the newest. */
export async function readAlerts(
  db: Database,
  project: number,
  params: AlertsParams,
  nowMs: number,
): Promise<AlertItem[]> {
  const [alerts, acknowledged, firings, silences] = await Promise.all([
    loadAlerts(db, project),
    loadAcknowledgments(db, project),
    countFirings(db, project, nowMs - hourMs),
    readSilences(db, project, nowMs),
  ]);
  const active = silences.filter(({ state }) => state === "active");
  const items = alerts.map((alert): AlertItem => {
    const known = acknowledged.get(alert.groupKey);
    return {
      ...itemOf(alert),
      acknowledged: known === undefined ? null : { at: timeText(known.atMs), by: known.by },
      silencedBy: active
        .filter(({ matchers }) => matchesAll(matchers, { ...alert.labels }))
        .map(({ id }) => id),
      flapping: (firings.get(alert.groupKey) ?? 0) >= flappingTimes,
    };
  });
  return items.filter((item) => isWanted(item, params)).toSorted(firingFirst);
}

function itemOf(alert: StoredAlert): Omit<AlertItem, "acknowledged" | "silencedBy" | "flapping"> {
  const { groupKey, ruleKey, fingerprint, labels, annotations, memory } = alert;
  return {
    groupKey,
    ruleKey,
    fingerprint,
    state: memory.state,
    outcome: memory.outcome,
    severity: severities.find((name) => name === labels["severity"]) ?? "info",
    labels: { ...labels },
    annotations: { ...annotations },
    values: valuesOf(alert.values),
    activeAt: timeText(memory.activeAtMs),
    firedAt: timeOrNull(memory.firedAtMs),
    resolvedAt: timeOrNull(memory.resolvedAtMs),
    unknownAt: timeOrNull(memory.unknownAtMs),
  };
}

function isWanted(
  item: AlertItem,
  { state, severity, rule, proxy, upstream }: AlertsParams,
): boolean {
  return (
    (state === undefined || item.state === state) &&
    (severity === undefined || item.severity === severity) &&
    (rule === undefined || item.ruleKey === rule) &&
    (proxy === undefined || item.labels["proxy"] === proxy) &&
    (upstream === undefined || item.labels["upstream"] === upstream)
  );
}

const stateOrder = ["firing", "recovering", "pending", "resolved", "inactive"];

function firingFirst(a: AlertItem, b: AlertItem): number {
  return (
    stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) || (a.activeAt < b.activeAt ? 1 : -1)
  );
}

function valuesOf(values: unknown): AlertValue[] {
  const parsed = alertValue.array().safeParse(values);
  return parsed.success ? parsed.data : [];
}

function timeOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : timeText(timeMs);
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
