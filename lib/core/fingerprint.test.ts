import { expect, it } from "vitest";

import { fingerprintOf } from "./fingerprint.ts";

it.each([
  // As Alertmanager 0.25 answered for alerts with these labels.
  {
    labels: {
      alertname: "Upstream down",
      rule: "upstream-down",
      severity: "page",
      proxy: "edge",
      upstream: "órigin.example.com",
    },
    fingerprint: "e5fc41cac23e8005",
  },
  { labels: { alertname: "a" }, fingerprint: "d258efc389808447" },
  { labels: {}, fingerprint: "cbf29ce484222325" },
])(
  "labels have the fingerprint that Alertmanager gives them: $fingerprint",
  ({ labels, fingerprint }) => {
    expect(fingerprintOf(labels)).toBe(fingerprint);
    expect(fingerprintOf(Object.fromEntries(Object.entries(labels).toReversed()))).toBe(
      fingerprint,
    );
  },
);
