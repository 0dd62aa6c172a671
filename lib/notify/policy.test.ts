import { describe, expect, it } from "vitest";

import type { Labels } from "./alert.ts";
import { muteOf } from "./mute.ts";
import {
  allRoutes,
  groupKeyOf,
  groupLabelsOf,
  routesFor,
  type NotificationPolicy,
  type RouteNode,
} from "./policy.ts";

const policy: NotificationPolicy = {
  route: node("", {
    channels: ["root"],
    groupBy: ["alertname"],
    routes: [
      node("severity=page", {
        channels: ["pager"],
        groupWaitMs: 0,
        routes: [
          node("proxy=athens", { channels: ["athens"], continue: true }),
          node("proxy=athens", { channels: ["copy"] }),
        ],
      }),
      node("severity=info", { channels: [] }),
      node("team=go", { groupBy: ["..."] }),
    ],
  }),
  inhibit: [],
};

describe("routes", () => {
  it.each<[string, Labels, string[]]>([
    ["an alert that no child takes", { severity: "ticket" }, ["root"]],
    ["a child that matches", { severity: "page" }, ["pager"]],
    [
      "a grandchild, and the next one where it says continue",
      { severity: "page", proxy: "athens" },
      ["athens", "copy"],
    ],
    ["a child that tells nobody", { severity: "info" }, []],
    ["what a child does not say comes from above", { team: "go" }, ["root"]],
    ["the first child that matches wins", { severity: "info", team: "go" }, []],
  ])("%s", (_name, labels, channels) => {
    expect(routesFor(policy, labels).flatMap((route) => route.channels)).toEqual(channels);
  });

  it("have keys of their own, as Alertmanager writes them", () => {
    const keys = allRoutes(policy).map((route) => route.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('{}/{severity="page"}/{proxy="athens"}');
  });

  it("group by the labels they name, or by all", () => {
    const labels = { team: "go", alertname: "A", proxy: "p" };
    const [route] = routesFor(policy, labels);
    const [plain] = routesFor(policy, { alertname: "A", proxy: "p" });
    expect(route === undefined ? {} : groupLabelsOf(route, labels)).toEqual(labels);
    expect(plain === undefined ? "" : groupKeyOf(plain, groupLabelsOf(plain, labels))).toBe(
      '{}:{alertname="A"}',
    );
  });
});

describe("mutes", () => {
  const down = firing("1", { alertname: "Down", upstream: "u" });
  const slow = firing("2", { alertname: "Slow", upstream: "u" });
  const rule = {
    source: [equals("alertname", "Down")],
    target: [equals("alertname", "Slow")],
    equal: ["upstream"],
  };

  it.each([
    ["a source with equal labels", [down, slow], [rule], true],
    [
      "a source with other labels",
      [firing("1", { alertname: "Down", upstream: "v" }), slow],
      [rule],
      false,
    ],
    ["a source that ended", [{ ...down, status: "resolved" as const }, slow], [rule], false],
    [
      "labels that both lack count as equal",
      [firing("1", { alertname: "Down" }), slow],
      [{ ...rule, equal: ["zone"] }],
      true,
    ],
    [
      "no two hide each other",
      [slow, firing("3", { alertname: "Slow", upstream: "u" })],
      [{ ...rule, source: rule.target }],
      false,
    ],
  ])("by %s", (_name, alerts, rules, muted) => {
    expect(muteOf(slow, alerts, [], rules, 0) !== null).toBe(muted);
  });

  it.each([
    ["before its start", 999, false],
    ["at its start", 1_000, true],
    ["just before its end", 1_999, true],
    ["at its end", 2_000, false],
  ])("by a silence %s", (_name, nowMs, muted) => {
    const silence = {
      id: "s",
      matchers: [equals("upstream", "u")],
      startsAtMs: 1_000,
      endsAtMs: 2_000,
    };
    expect(muteOf(slow, [], [silence], [], nowMs)?.silencedBy ?? []).toEqual(muted ? ["s"] : []);
  });
});

function node(matcher: string, change: Partial<RouteNode>): RouteNode {
  const [name = "", value = ""] = matcher.split("=");
  return {
    matchers: matcher === "" ? [] : [equals(name, value)],
    continue: false,
    routes: [],
    ...change,
  };
}

function equals(name: string, value: string) {
  return { name, operator: "=" as const, value };
}

function firing(fingerprint: string, labels: Labels) {
  return { fingerprint, status: "firing" as const, labels };
}
