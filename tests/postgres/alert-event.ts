import type { AlertEvent } from "#lib/contract/alert-event.ts";

/** A transition of an alert of this name, as rules tell of it. */
export function alertEventOf(
  name: string,
  status: "firing" | "resolved",
  nowMs: number,
  transitionSeq: number,
): AlertEvent {
  const at = new Date(nowMs).toISOString();
  const fingerprint = Buffer.from(name.padEnd(8, ".")).toString("hex").slice(0, 16);
  return {
    ruleKey: name,
    fingerprint,
    groupKey: `${name}/${fingerprint}`,
    transitionSeq,
    status,
    severity: "page",
    labels: {
      alertname: name,
      rule: name,
      severity: "page",
      proxy: "athens",
      upstream: "proxy.golang.org",
    },
    annotations: { summary: "5 % of requests fail" },
    startsAt: at,
    endsAt: status === "resolved" ? at : null,
    reason: "the condition holds",
    values: [{ name: "error_rate_5m", value: 0.05, unit: "ratio", text: "5 %" }],
    evidence: [
      {
        kind: "upstream",
        title: "Upstream",
        path: "/upstreams/x?from=1&to=2",
        from: at,
        to: new Date(nowMs + 1).toISOString(),
      },
    ],
    generatorPath: "/alerts/x",
  };
}
