import { expect, it } from "vitest";

import { sloDefinition } from "#lib/contract/slos.ts";

import { definitionOf, draftOf, keyOf } from "./prepare-slo-form.ts";

const definitions = [
  { window: { kind: "rolling", days: 7 }, indicator: "availability", upstream: "mirror.example" },
  {
    window: { kind: "calendar", unit: "month", zone: "Europe/Berlin" },
    indicator: "latency",
    thresholdMs: 1_500,
    proxy: "athens",
    endpoint: "zip",
    module: "github.com/acme",
    labels: { team: "infra" },
    coverageMinPpm: 500_000,
  },
  {
    window: { kind: "rolling", days: 28 },
    indicator: "freshness",
    budgeting: { kind: "timeslices", sliceSeconds: 600, sliceTargetPpm: 990_000 },
  },
] as const;

it.each(definitions)("saves an objective that nobody touched as it was: $indicator", (fields) => {
  const slo = sloDefinition.parse({ name: "Modules", objectivePpm: 999_950, ...fields });
  expect(sloDefinition.parse(definitionOf(draftOf(slo), slo))).toEqual(slo);
});

it("reads percent exactly", () => {
  const draft = { ...draftOf(null), name: "a", percent: "99.995" };
  expect(definitionOf(draft, null)["objectivePpm"]).toBe(999_950);
});

it.each([
  ["Zips within 2 s (Berlin)", "zips-within-2-s-berlin"],
  ["new", "new-1"],
  ["OpenSLO", "openslo-1"],
])("makes of %s the key %s", (name, key) => {
  expect(keyOf(name)).toBe(key);
});
