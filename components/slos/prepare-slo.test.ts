import { expect, it } from "vitest";

import { sloItem, type SloItem } from "#lib/contract/slos.ts";

import { eventsText, factorText, percentOf, signedShare, worstFirst } from "./prepare-slo.ts";

function slo(key: string, state: string | null, remaining = 1): SloItem {
  const time = "2026-11-21T00:00:00.000Z";
  return sloItem.parse({
    key,
    origin: "own",
    firing: 0,
    definition: {
      name: key,
      indicator: "availability",
      objectivePpm: 999_000,
      window: { kind: "rolling", days: 28 },
    },
    status:
      state === null
        ? null
        : {
            state,
            from: time,
            to: time,
            periodEnd: time,
            total: 1,
            bad: 0,
            projectedTotal: 1,
            allowedBad: 0,
            remainingEvents: 0,
            remaining,
            errorRate: 0,
            burn: 0,
            coverage: 1,
            countedFrom: null,
            isFilling: false,
            exhaustedInSeconds: null,
            formula: "",
          },
  });
}

const formats = {
  ratio: (share: number): string => `${share * 100}%`,
  ratioMark: (share: number): string => `${Math.round(share * 100)}%`,
};

it("puts first what needs attention, and within a state what has least left", () => {
  const slos = [
    slo("fine", "healthy", 0.9),
    slo("unknown", null),
    slo("risk", "at_risk", 0.1),
    slo("over", "exhausted", -0.5),
    slo("far-over", "exhausted", -8),
  ];
  expect(worstFirst(slos).map(({ key }) => key)).toEqual([
    "far-over",
    "over",
    "risk",
    "unknown",
    "fine",
  ]);
});

it("writes shares with their sign and nothing clamped, objectives without rounding", () => {
  expect([
    signedShare(-5.2891, formats),
    signedShare(0.5, formats),
    signedShare(null, formats),
  ]).toEqual(["−529%", "50%", null]);
  expect([eventsText(-435.635, String), eventsText(82.365, String)]).toEqual(["−435.6", "82.4"]);
  expect([percentOf(999_950), percentOf(999_999), percentOf(950_000)]).toEqual([
    "99.995%",
    "99.9999%",
    "95%",
  ]);
  expect([factorText(14.44), factorText(1_234.5), factorText(null)]).toEqual([
    "14.4×",
    "1,230×",
    null,
  ]);
});
