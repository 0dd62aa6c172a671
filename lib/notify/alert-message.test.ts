import { describe, expect, it } from "vitest";

import { hugeAlerts, sampleAlert, sampleMessage } from "#tests/notify/sample-message.ts";

import { truncated } from "./alert-message.ts";
import { bytesOf, cutBytes, cutRunes } from "./cut.ts";
import { pauseMsAfter, retryAfterMsOf } from "./retry.ts";
import { storedMessage } from "./stored-message.ts";
import { renderTemplate } from "./template.ts";
import { html, linesOf, markdown, plain, write } from "./wording.ts";

describe("a message", () => {
  it("has every field of Alertmanager's webhook, version 4, and more beside them", () => {
    const message = sampleMessage();
    expect(message).toMatchObject({
      version: "4",
      groupKey: '{}:{alertname="UpstreamErrors"}',
      truncatedAlerts: 0,
      status: "firing",
      receiver: "on call",
      groupLabels: { alertname: "UpstreamErrors" },
      commonLabels: { proxy: "athens" },
      commonAnnotations: { summary: "5 % of requests fail" },
      routeLabels: {},
      externalURL: "https://viascope.example.com/",
      notification_reason: "first notification",
      title: "[FIRING:1] UpstreamErrors (athens proxy.golang.org page)",
      state: "alerting",
    });
    expect(message.alerts[0]).toMatchObject({
      status: "firing",
      startsAt: "2026-11-20T10:00:00.000Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "https://viascope.example.com/alerts/upstream-errors",
      fingerprint: "00000000000000a1",
      values: { error_rate_5m: 0.05 },
      valueString: "error_rate_5m 5 %",
      evidence: [{ url: "https://viascope.example.com/upstreams/proxy.golang.org?from=1&to=2" }],
      exchanges: [{ url: "https://viascope.example.com/exchanges/abc", status: 502 }],
    });
  });

  it("is firing while one of its alerts is, tells those first, and shares only what all have", () => {
    const ended = sampleAlert({
      fingerprint: "1",
      status: "resolved",
      endsAt: "2026-11-20T10:01:00.000Z",
      startsAt: "2026-11-20T09:00:00.000Z",
      labels: { alertname: "Other", proxy: "athens" },
    });
    const message = sampleMessage([ended, sampleAlert()]);
    expect(message.status).toBe("firing");
    expect(message.alerts.map((alert) => alert.status)).toEqual(["firing", "resolved"]);
    expect(message.commonLabels).toEqual({ proxy: "athens" });
    expect(sampleMessage([ended])).toMatchObject({ status: "resolved", state: "ok" });
  });

  it("comes back from the database as it went there", () => {
    const message = sampleMessage(hugeAlerts(3));
    expect(storedMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  });

  it("says how many alerts were left out to make it fit", () => {
    const message = sampleMessage(hugeAlerts(50));
    const fitting = truncated(message, (part) => bytesOf(JSON.stringify(part)) < 70_000);
    expect(bytesOf(JSON.stringify(fitting))).toBeLessThan(70_000);
    expect(fitting.truncatedAlerts + fitting.alerts.length).toBe(50);
  });
});

describe("texts", () => {
  it("read on a phone: what, since when, numbers, exchanges, links", () => {
    expect(write(linesOf(sampleMessage()), plain).split("\n")).toEqual([
      "UpstreamErrors firing: 5 % of requests fail",
      "Since 2026-11-20T10:00:00.000Z",
      "error_rate_5m 5 %",
      "/rsc.io/quote/@v/list: https://viascope.example.com/exchanges/abc 502 from proxy.golang.org in 1203 ms",
      "The upstream over that time: https://viascope.example.com/upstreams/proxy.golang.org?from=1&to=2",
      "Runbook: https://runbooks.example.com/1",
      expect.stringMatching(
        /^Silence: https:\/\/viascope\.example\.com\/alerts\/silence\?matcher=alertname/,
      ),
      "Open Viascope: https://viascope.example.com/",
    ]);
  });

  it("are no markup of whoever wrote a label", () => {
    const labels = { alertname: "<script>alert(1)</script> **x** [a](http://b)" };
    const lines = linesOf(sampleMessage([sampleAlert({ labels })]));
    expect(write(lines, html)).not.toContain("<script>");
    expect(write(lines, markdown)).not.toContain("[a](http://b)");
  });

  it.each([
    ["héllo", 6, "héllo"],
    ["héllo", 5, "h…"],
    ["😀😀😀", 11, "😀😀…"],
    ["😀😀😀", 10, "😀…"],
    ["代理", 6, "代理"],
    ["代理x", 6, "代…"],
  ])("%s in %i bytes is %s", (text, bytesMax, cut) => {
    expect(cutBytes(text, bytesMax)).toBe(cut);
    expect(bytesOf(cut)).toBeLessThanOrEqual(bytesMax);
  });

  it("are cut between characters, never in them", () => {
    expect(cutRunes("😀😀😀", 2)).toBe("😀…");
    expect(cutRunes("😀😀😀", 3)).toBe("😀😀😀");
  });
});

describe("templates", () => {
  it.each([
    ["{{ status }} {{ commonLabels.proxy }}", "firing athens"],
    [
      "{% for alert in alerts %}{{ alert.annotations.summary | upcase }}{% endfor %}",
      "5 % OF REQUESTS FAIL",
    ],
    [
      '{"text": {{ title | json }}}',
      '{"text": "[FIRING:1] UpstreamErrors (athens proxy.golang.org page)"}',
    ],
    ["{{ constructor.name }}{{ alerts.constructor }}{{ __proto__ }}", ""],
  ])("%s", (template, written) => {
    expect(renderTemplate(template, sampleMessage())).toBe(written);
  });

  it.each([
    ["{% include '/etc/passwd' %}", /cannot be used/],
    ["{% render 'package.json' %}", /cannot be used/],
    ["{% layout 'x' %}", /cannot be used/],
    ["{{ title | nosuchfilter }}", /undefined filter/],
    ["{% if %}", /cannot be used/],
    ["{% for i in (1..100000000) %}x{% endfor %}", /cannot be used/],
    ["{% for i in (1..9000) %}{% for j in (1..9000) %}{% endfor %}{% endfor %}", /cannot be used/],
    ["x".repeat(20_001), /longer than/],
    ["{% for i in (1..600) %}{{ alerts | json }}{% endfor %}", /longer than|cannot be used/],
  ])("%s is refused", (template, problem) => {
    expect(() => renderTemplate(template, sampleMessage())).toThrow(problem);
  });
});

describe("retries", () => {
  it("are quick at first and follow Standard Webhooks then, for three days", () => {
    const pauses = Array.from({ length: 13 }, (_, failed) => pauseMsAfter(failed + 1, null, 0.5));
    expect(pauses.slice(0, 5)).toEqual([5_000, 30_000, 120_000, 300_000, 900_000]);
    expect(pauses.at(-1)).toBeNull();
  });

  it.each([
    [0, 4_000],
    [1, 6_000],
  ])("are spread by a fifth (%s)", (random, pause) => {
    expect(pauseMsAfter(1, null, random)).toBe(pause);
  });

  it.each([
    ["120", 120_000],
    ["1.5", 1_500],
    ["Fri, 20 Nov 2026 10:00:10 GMT", 10_000],
    ["Fri, 20 Nov 2026 09:00:00 GMT", 0],
    ["soon", null],
    ["-5", null],
    [undefined, null],
  ])("read Retry-After %s as %s ms", (header, ms) => {
    expect(retryAfterMsOf(header, Date.parse("2026-11-20T10:00:00Z"))).toBe(ms);
  });

  it("wait at most an hour because a receiver asks for more", () => {
    expect(pauseMsAfter(1, 10 * 86_400_000, 0.5)).toBe(3_600_000);
  });
});
