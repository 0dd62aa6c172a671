import type { Alert, AlertStatus, AlertValue, Labels } from "./alert.ts";
import type { NotificationReason } from "./decide.ts";
import { absoluteUrl, silencePath } from "./links.ts";

/** What one notification says: Alertmanager's webhook body, version 4, with more beside it. */
export interface AlertMessage {
  readonly version: "4";
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly status: AlertStatus;
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly routeLabels: Labels;
  readonly externalURL: string;
  readonly notification_reason: NotificationReason;
  readonly alerts: readonly MessageAlert[];
  /** The evidence of all alerts, each place once. */
  readonly evidence: readonly MessageEvidence[];
  /** As Grafana's webhook has them. */
  readonly title: string;
  readonly state: "alerting" | "ok";
  readonly message: string;
  /** Only present when somebody tries a channel. */
  readonly test?: true;
}

export interface MessageAlert {
  readonly status: AlertStatus;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  /** The zero time of Go while the alert fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
  readonly silenceURL: string;
  readonly dashboardURL: string;
  readonly values: Readonly<Record<string, number | null>>;
  readonly valueString: string;
  readonly evidence: readonly MessageEvidence[];
  readonly exchanges: readonly MessageExchange[];
}

export interface MessageEvidence {
  readonly kind: string;
  readonly title: string;
  readonly url: string;
  readonly from: string;
  readonly to: string;
}

export interface MessageExchange {
  readonly time: string;
  readonly proxy: string;
  readonly upstream: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly errorType: string | null;
  readonly latencyMs: number | null;
  readonly url: string;
}

export interface MessageFacts {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly routeLabels: Labels;
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** The address people reach Viascope at; all links are below it. */
  readonly externalUrl: string;
  readonly test?: boolean;
}

const zeroTime = "0001-01-01T00:00:00Z";

/** Puts alerts of one group into words and links; firing ones come first, then by start. */
export function alertMessage(alerts: readonly Alert[], facts: MessageFacts): AlertMessage {
  const members = alerts
    .toSorted(byStatusAndStart)
    .map((alert) => messageAlert(alert, facts.externalUrl));
  const firing = members.filter((alert) => alert.status === "firing").length;
  const status = firing > 0 ? "firing" : "resolved";
  const commonAnnotations = common(members.map((alert) => alert.annotations));
  const commonLabels = common(members.map((alert) => alert.labels));
  return {
    version: "4",
    groupKey: facts.groupKey,
    truncatedAlerts: 0,
    status,
    receiver: facts.receiver,
    groupLabels: facts.groupLabels,
    commonLabels,
    commonAnnotations,
    routeLabels: facts.routeLabels,
    externalURL: facts.externalUrl,
    notification_reason: facts.reason,
    alerts: members,
    evidence: onceEach(members.flatMap((alert) => alert.evidence)),
    title: titleOf(status, firing, members, { ...facts.groupLabels, ...commonLabels }),
    state: status === "firing" ? "alerting" : "ok",
    message: commonAnnotations["summary"] ?? members[0]?.annotations["summary"] ?? "",
    ...(facts.test === true ? { test: true } : {}),
  };
}

/** The same message with fewer alerts, so that it fits where `fits` says; one always stays, and how many were left out is in it. */
export function truncated(
  message: AlertMessage,
  fits: (message: AlertMessage) => boolean,
): AlertMessage {
  let kept = message;
  while (!fits(kept) && kept.alerts.length > 1) {
    kept = withAlerts(message, Math.floor(kept.alerts.length / 2));
  }
  return kept;
}

function withAlerts(message: AlertMessage, count: number): AlertMessage {
  const alerts = message.alerts.slice(0, count);
  return {
    ...message,
    alerts,
    evidence: onceEach(alerts.flatMap((alert) => alert.evidence)),
    truncatedAlerts: message.truncatedAlerts + message.alerts.length - alerts.length,
  };
}

function byStatusAndStart(left: Alert, right: Alert): number {
  if (left.status !== right.status) return left.status === "firing" ? -1 : 1;
  if (left.startsAt !== right.startsAt) return left.startsAt < right.startsAt ? -1 : 1;
  return left.fingerprint < right.fingerprint ? -1 : 1;
}

function messageAlert(alert: Alert, externalUrl: string): MessageAlert {
  const evidence = alert.evidence.map(({ path, ...rest }) => ({
    kind: rest.kind,
    title: rest.title,
    url: absoluteUrl(externalUrl, path),
    from: rest.from,
    to: rest.to,
  }));
  const generatorURL = absoluteUrl(externalUrl, alert.generatorPath);
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: alert.startsAt,
    endsAt: alert.endsAt ?? zeroTime,
    generatorURL,
    fingerprint: alert.fingerprint,
    silenceURL: absoluteUrl(externalUrl, silencePath(alert.labels)),
    dashboardURL: evidence[0]?.url ?? generatorURL,
    values: Object.fromEntries(alert.values.map(({ name, value }) => [name, value])),
    valueString: valueString(alert.values),
    evidence,
    exchanges: alert.exchanges.map(({ viewPath, ...exchange }) => ({
      ...exchange,
      url: absoluteUrl(externalUrl, viewPath),
    })),
  };
}

function valueString(values: readonly AlertValue[]): string {
  return values
    .map(({ name, value, text }) => `${name} ${value === null ? "not measured" : text}`)
    .join(", ");
}

/** What every one of them has, with the same value. */
function common(sets: readonly Labels[]): Labels {
  const [first, ...others] = sets;
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([name, value]) =>
      others.every((set) => set[name] === value),
    ),
  );
}

function onceEach(evidence: readonly MessageEvidence[]): MessageEvidence[] {
  return [...new Map(evidence.map((item) => [item.url, item])).values()];
}

const titleLabels = ["proxy", "upstream", "module", "severity"];

function titleOf(
  status: AlertStatus,
  firing: number,
  members: readonly MessageAlert[],
  labels: Labels,
): string {
  const count = status === "firing" ? `FIRING:${firing}` : "RESOLVED";
  const names = new Set(members.map((alert) => alert.labels["alertname"] ?? "alert"));
  const where = titleLabels
    .map((name) => labels[name])
    .filter((value) => value !== undefined && value !== "");
  const place = where.length === 0 ? "" : ` (${where.join(" ")})`;
  return `[${count}] ${[...names].join(", ")}${place}`;
}
