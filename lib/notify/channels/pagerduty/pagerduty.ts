import { createHash } from "node:crypto";

import { z } from "zod";

import { truncated, type AlertMessage } from "../../alert-message.ts";
import { channelKind, type Envelope } from "../../channel-kind.ts";
import { bytesOf, cutRunes } from "../../cut.ts";
import { shownUrl } from "../../redact.ts";
import { fieldOf, jsonOf, unreadable, verdictOfStatus } from "../../verdict.ts";
import { jsonRequest } from "../json-request.ts";
import { hookUrl, word } from "../settings.ts";

const summaryRunesMax = 1_024;
const eventBytesMax = 512_000;
const linksMax = 20;

/** One incident per group: triggered while anything in it fires, resolved when nothing does. */
export const pagerduty = channelKind({
  kind: "pagerduty",
  title: "PagerDuty",
  schema: z.object({
    routingKey: word,
    url: hookUrl.default("https://events.pagerduty.com/v2/enqueue"),
    /** Severity where alerts have none of PagerDuty's four. */
    severity: z.enum(["critical", "error", "warning", "info"]).default("error"),
  }),
  secrets: ["routingKey"],
  hint: (config) => shownUrl(config.url),
  *converse(envelope, config) {
    const fitting = truncated(
      envelope.message,
      (part) =>
        bytesOf(JSON.stringify(eventOf({ ...envelope, message: part }, config))) <= eventBytesMax,
    );
    const event = eventOf({ ...envelope, message: fitting }, config);
    const response = yield jsonRequest(config.url, event);
    const verdict = verdictOfStatus(response, envelope.nowMs);
    if (verdict.kind !== "delivered") return verdict;
    return fieldOf(jsonOf(response.body), "status") === "success" ? verdict : unreadable(response);
  },
});

function eventOf(
  { message, title, body }: Envelope,
  config: { routingKey: string; severity: string },
): Record<string, unknown> {
  const dedup = createHash("sha256").update(message.groupKey).digest("hex");
  const frame = {
    routing_key: config.routingKey,
    dedup_key: message.test === true ? `test-${dedup}` : dedup,
    client: "Viascope",
    client_url: message.externalURL,
  };
  if (message.status === "resolved") return { ...frame, event_action: "resolve" };
  const [first] = message.alerts;
  const labels = { ...message.groupLabels, ...message.commonLabels };
  return {
    ...frame,
    event_action: "trigger",
    payload: {
      summary: cutRunes(title ?? `${message.title} ${message.message}`.trim(), summaryRunesMax),
      source: labels["proxy"] ?? "viascope",
      severity: severityOf(message, config.severity),
      timestamp: first?.startsAt,
      component: labels["upstream"] ?? labels["proxy"],
      group: labels["proxy"],
      class: labels["alertname"],
      custom_details: body === null ? detailsOf(message) : { text: body },
    },
    links: message.evidence
      .slice(0, linksMax)
      .map((item) => ({ href: item.url, text: item.title })),
  };
}

function detailsOf(message: AlertMessage): Record<string, unknown> {
  return {
    reason: message.notification_reason,
    left_out: message.truncatedAlerts,
    alerts: message.alerts.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      summary: alert.annotations["summary"],
      values: alert.valueString,
      since: alert.startsAt,
      exchanges: alert.exchanges.map((exchange) => exchange.url),
    })),
  };
}

const severities: Record<string, string> = {
  critical: "critical",
  page: "critical",
  error: "error",
  ticket: "warning",
  warning: "warning",
  info: "info",
};

function severityOf(message: AlertMessage, fallback: string): string {
  return severities[message.commonLabels["severity"] ?? ""] ?? fallback;
}
