import { expect, it } from "vitest";

import type { AlertItem } from "#lib/contract/alerts.ts";

import { markOf, matchersOf, placeOf, prepareAlerts, sinceMs } from "./prepare-alerts.ts";

function alertOf(part: Partial<AlertItem>): AlertItem {
  return {
    groupKey: "r/1",
    ruleKey: "r",
    fingerprint: "1",
    state: "firing",
    outcome: "true",
    severity: "ticket",
    labels: { alertname: "R" },
    annotations: {},
    values: [],
    activeAt: "2026-01-01T00:00:00.000Z",
    firedAt: "2026-01-01T00:01:00.000Z",
    resolvedAt: null,
    unknownAt: null,
    acknowledged: null,
    silencedBy: [],
    flapping: false,
    ...part,
  };
}

it("puts what pages first, then the rule that fired last, and keeps a rule's alerts together", () => {
  const { firing } = prepareAlerts([
    alertOf({ ruleKey: "old" }),
    alertOf({ ruleKey: "new", firedAt: "2026-01-01T00:09:00.000Z" }),
    alertOf({ ruleKey: "old", state: "recovering" }),
    alertOf({ ruleKey: "loud", severity: "page" }),
  ]);
  expect(firing.map(({ ruleKey, alerts }) => [ruleKey, alerts.length])).toEqual([
    ["loud", 1],
    ["new", 1],
    ["old", 2],
  ]);
});

it("tells what fires from what may and what ended", () => {
  const sections = prepareAlerts([
    alertOf({ ruleKey: "a", state: "pending" }),
    alertOf({ ruleKey: "b", state: "resolved" }),
  ]);
  expect(sections.firing).toEqual([]);
  expect(sections.pending.map(({ ruleKey }) => ruleKey)).toEqual(["a"]);
  expect(sections.resolved.map(({ ruleKey }) => ruleKey)).toEqual(["b"]);
});

it.each([
  [{ state: "firing", severity: "page" }, "failing"],
  [{ state: "recovering", severity: "page" }, "failing"],
  [{ state: "firing", severity: "ticket" }, "degraded"],
  [{ state: "pending", severity: "page" }, "quiet"],
  [{ state: "resolved", severity: "page" }, "ok"],
] as const)("marks %o as %s", (alert, mark) => {
  expect(markOf(alert)).toBe(mark);
});

it("names the upstream and who asks it, or else the proxy", () => {
  expect(placeOf({ proxy: "p", upstream: "u" })).toEqual({ main: "u", via: "p" });
  expect(placeOf({ proxy: "p" })).toEqual({ main: "p", via: null });
});

it("names the token that expires, or Viascope itself", () => {
  expect(placeOf({ rule: "token-expiry", token: "edge" }).main).toBe("edge");
  expect(placeOf({ rule: "disk-filling", alertname: "Disk fills up" }).main).toBe("Viascope");
});

it("silences the alert by what names it, not by its severity", () => {
  const labels = { alertname: "R", rule: "r", severity: "page", proxy: "p", upstream: "u" };
  expect(matchersOf(labels).map(({ name, value }) => `${name}=${value}`)).toEqual([
    "rule=r",
    "proxy=p",
    "upstream=u",
  ]);
});

it("counts from when it fired, or from when it ended", () => {
  const resolvedAt = "2026-01-01T00:05:00.000Z";
  expect(sinceMs(alertOf({}))).toBe(Date.parse("2026-01-01T00:01:00.000Z"));
  expect(sinceMs(alertOf({ state: "resolved", resolvedAt }))).toBe(Date.parse(resolvedAt));
});
