import { alertMessage, type AlertMessage, type MessageFacts } from "#lib/notify/alert-message.ts";
import type { Alert } from "#lib/notify/alert.ts";

/** An alert as the alerting side tells it. */
export function sampleAlert(change: Partial<Alert> = {}): Alert {
  return {
    fingerprint: "00000000000000a1",
    status: "firing",
    labels: {
      alertname: "UpstreamErrors",
      proxy: "athens",
      upstream: "proxy.golang.org",
      severity: "page",
    },
    annotations: { summary: "5 % of requests fail", runbook_url: "https://runbooks.example.com/1" },
    startsAt: "2026-11-20T10:00:00.000Z",
    endsAt: null,
    values: [{ name: "error_rate_5m", value: 0.05, text: "5 %" }],
    evidence: [
      {
        kind: "upstream",
        title: "The upstream over that time",
        path: "/upstreams/proxy.golang.org?from=1&to=2",
        from: "2026-11-20T09:55:00.000Z",
        to: "2026-11-20T10:00:00.000Z",
      },
    ],
    exchanges: [
      {
        time: "2026-11-20T09:59:58.000Z",
        proxy: "athens",
        upstream: "proxy.golang.org",
        path: "/rsc.io/quote/@v/list",
        status: 502,
        errorType: null,
        latencyMs: 1203.4,
        viewPath: "/exchanges/abc",
      },
    ],
    generatorPath: "/alerts/upstream-errors",
    ...change,
  };
}

/** The message about alerts of one group. */
export function sampleMessage(
  alerts: readonly Alert[] = [sampleAlert()],
  change: Partial<MessageFacts> = {},
): AlertMessage {
  return alertMessage(alerts, {
    groupKey: '{}:{alertname="UpstreamErrors"}',
    groupLabels: { alertname: "UpstreamErrors" },
    routeLabels: {},
    receiver: "on call",
    reason: "first notification",
    externalUrl: "https://viascope.example.com/",
    ...change,
  });
}

/** Alerts with texts as long as labels and annotations may get, in characters of several bytes. */
export function hugeAlerts(count: number): Alert[] {
  return Array.from({ length: count }, (_, place) =>
    sampleAlert({
      fingerprint: place.toString(16).padStart(16, "0"),
      labels: { alertname: `Alert${place}`, proxy: "代理".repeat(200), severity: "page" },
      annotations: { summary: "上游😀".repeat(400) },
    }),
  );
}
