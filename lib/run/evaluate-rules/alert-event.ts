import {
  alertValue,
  type AlertEvent,
  type AlertEvidence,
  type AlertValue,
} from "#lib/contract/alert-event.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { StoredAlert } from "#lib/store/alerts.ts";

import type { AlertSource } from "./judgement.ts";

/** What people read of an alert. */
export function annotationsOf(
  { name, description, runbookUrl }: AlertSource,
  labels: Labels,
  values: readonly AlertValue[],
): Labels {
  const facts = values.map((value) => `${value.name} ${value.text}`).join(", ");
  return {
    summary: `${name}${placeText(labels)}${facts === "" ? "" : ` (${facts})`}`,
    description,
    ...(runbookUrl !== null && { runbook_url: runbookUrl }),
  };
}

/** What notification is told. Evidence covers what the rule looked at, from before the incident until now. */
export function eventOf(
  alert: StoredAlert,
  change: {
    readonly status: "firing" | "resolved";
    readonly reason: string;
    readonly nowMs: number;
  },
  evidence: readonly AlertEvidence[],
): AlertEvent {
  const { labels, memory } = alert;
  return {
    ruleKey: alert.ruleKey,
    fingerprint: alert.fingerprint,
    groupKey: alert.groupKey,
    transitionSeq: alert.transitionSeq,
    status: change.status,
    severity: severityOf(labels),
    labels: { ...labels },
    annotations: { ...alert.annotations },
    startsAt: timeText(memory.activeAtMs),
    endsAt: change.status === "firing" ? null : timeText(change.nowMs),
    reason: change.reason,
    values: valuesOf(alert),
    evidence: [...evidence],
    generatorPath: `/alerts/${alert.groupKey}?incident=${timeText(memory.activeAtMs)}`,
  };
}

/** The pages that show what the rule looked at. */
export function pagesOf(
  labels: Labels,
  lookedAtSeconds: number,
  activeAtMs: number,
  nowMs: number,
): AlertEvidence[] {
  const from = timeText(activeAtMs - lookedAtSeconds * 1000);
  const to = timeText(nowMs);
  const { proxy, upstream } = labels;
  const search = new URLSearchParams({ from, to });
  if (upstream !== undefined) {
    if (proxy !== undefined) search.set("proxy", proxy);
    const path = `/upstreams/${encodeURIComponent(upstream)}?${search.toString()}`;
    return [
      { kind: "upstream", title: `${upstream} as ${proxy ?? "everybody"} saw it`, path, from, to },
    ];
  }
  if (proxy === undefined) return [];
  const overview = `/?${search.toString()}`;
  search.set("proxy", proxy);
  const upstreams = `/upstreams?${search.toString()}`;
  return [
    { kind: "upstream", title: `The upstreams of ${proxy}`, path: upstreams, from, to },
    { kind: "proxy", title: `${proxy} in the overview`, path: overview, from, to },
  ];
}

export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function placeText({ proxy, upstream, certificate, token, evaluates }: Labels): string {
  const own = evaluates ?? certificate ?? token;
  if (own !== undefined) return `: ${own}`;
  if (proxy === undefined) return "";
  return upstream === undefined ? `: ${proxy}` : `: ${upstream}, asked by ${proxy}`;
}

function severityOf(labels: Labels): AlertEvent["severity"] {
  const severity = labels["severity"];
  return severity === "page" || severity === "ticket" ? severity : "info";
}

function valuesOf({ values }: StoredAlert): AlertValue[] {
  const parsed = alertValue.array().safeParse(values);
  return parsed.success ? parsed.data : [];
}
