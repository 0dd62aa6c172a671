import { expect, it } from "vitest";

import { notificationPolicy } from "#lib/contract/routes.ts";

import { draftOf, policyOf } from "./prepare-routes.ts";

const policy = notificationPolicy.parse({
  route: {
    channels: ["8b0c1c9e-6d1a-4c62-9c7d-2f1d8a6f5b11"],
    groupBy: ["alertname", "proxy"],
    routes: [
      {
        matchers: [{ name: "severity", operator: "=", value: "page" }],
        groupWaitMs: 1_500,
        continue: true,
        routes: [{ matchers: [{ name: "proxy", operator: "=~", value: "a.*" }], channels: [] }],
      },
    ],
  },
  inhibit: [
    {
      source: [{ name: "a", operator: "=", value: "b" }],
      target: [{ name: "c", operator: "=", value: "d" }],
    },
  ],
});

it("saves a tree that nobody touched as it was, with what the form does not show", () => {
  const root = draftOf({ ...policy.route, routes: [] }, 0);
  expect(policyOf(policy, root, policy.route.routes.map(draftOf))).toEqual(policy);
});

it("names the route whose matchers cannot be read", () => {
  const root = draftOf({ ...policy.route, routes: [] }, 0);
  const wrong = { ...root, id: 7, matchers: "severity" };
  expect(policyOf(policy, root, [wrong])).toBe(wrong);
});
