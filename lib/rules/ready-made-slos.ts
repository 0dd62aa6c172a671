import type { SloDefinition } from "#lib/core/slo-definition.ts";

/** Objectives that are in force from the first start, until somebody changes or deletes them. */
export const readyMadeSlos: readonly {
  readonly key: string;
  readonly definition: SloDefinition;
}[] = [
  {
    key: "availability",
    definition: {
      name: "Availability",
      description:
        "99.9 % of all exchanges are answered without an error. 404 and 410 are normal answers of a Go proxy.",
      indicator: "availability",
      thresholdMs: null,
      proxy: null,
      upstream: null,
      endpoint: null,
      module: null,
      objectivePpm: 999_000,
      window: { kind: "rolling", days: 30 },
      budgeting: { kind: "occurrences" },
      coverageMinPpm: 900_000,
      minBad: 5,
      minTotal: 20,
      alerts: true,
      labels: {},
      runbookUrl: null,
    },
  },
];
