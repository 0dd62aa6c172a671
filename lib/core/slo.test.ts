import { assert, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import { burnFactor, burnOutcome, burnRows, burnRowsFor, type BurnRow } from "./burn-rule.ts";
import { lengthMs, without } from "./intervals.ts";
import {
  allowedOf,
  budgetOf,
  budgetStateOf,
  burnMax,
  burnOf,
  exhaustedInMs,
  isBadSlice,
  isCovered,
  projectedTotal,
  sliceEvents,
  sumOfEvents,
  type BudgetState,
} from "./slo.ts";

const days30 = 30 * 86_400;
const windowOf = ([from = 0, to = 0]: number[]) => ({
  fromMs: from * 60_000,
  toMs: to * 60_000,
});
const objectives = constantFrom(500_000, 900_000, 990_000, 999_000, 999_900, 999_999);

describe("a budget", () => {
  const rows = [
    { objective: 999_000, total: 1_000_000, bad: 0, allowed: 1_000, remaining: 1 },
    { objective: 999_000, total: 1_000_000, bad: 250, allowed: 1_000, remaining: 0.75 },
    { objective: 999_000, total: 1_000_000, bad: 1_000, allowed: 1_000, remaining: 0 },
    { objective: 999_000, total: 1_000_000, bad: 3_500, allowed: 1_000, remaining: -2.5 },
    { objective: 990_000, total: 50, bad: 1, allowed: 0.5, remaining: -1 },
  ];
  it.each(rows)(
    "of $objective ppm over $total events with $bad bad ones allows $allowed and leaves $remaining",
    ({ objective, total, bad, allowed, remaining }) => {
      const budget = budgetOf(objective, { total, bad });
      expect(budget.allowedBad).toBe(allowed);
      expect(budget.remaining).toBeCloseTo(remaining, 12);
      expect(budget.remainingEvents).toBe(allowed - bad);
    },
  );

  it("is not measured without events", () => {
    expect(budgetOf(999_000, { total: 0, bad: 0 })).toEqual({
      errorRate: null,
      burn: null,
      remaining: null,
      allowedBad: 0,
      remainingEvents: 0,
    });
  });

  it("sums counts: quiet nights with errors do not weigh like busy days", () => {
    const nights = Array.from({ length: 360 }, (_, minute) => ({
      total: 10,
      bad: minute < 30 ? 5 : 0,
    }));
    const dayMinutes = Array.from({ length: 1_080 }, () => ({ total: 1_000, bad: 0 }));
    const month = Array.from({ length: 30 }, () => [...nights, ...dayMinutes]).flat();
    const budget = budgetOf(999_000, sumOfEvents(month));
    expect(budget.errorRate).toBeCloseTo(1.384e-4, 7);
    expect(budget.remaining).toBeCloseTo(0.8616, 4);
    const averaged = month.reduce((sum, { total, bad }) => sum + bad / total, 0) / month.length;
    expect(1 - averaged / 0.001).toBeCloseTo(-9.4167, 4);
  });

  it("is spent by a burn of 1, and total failure burns at the most", () => {
    assert(
      property(objectives, integer({ min: 1, max: 1e9 }), (objective, total) => {
        expect(burnOf(objective, { total, bad: total })).toBeCloseTo(burnMax(objective), 6);
        const { remaining, burn } = budgetOf(objective, { total, bad: Math.floor(total / 3) });
        expect(remaining).toBeCloseTo(1 - (burn ?? 0), 6);
      }),
    );
  });

  it("only shrinks as bad events come, however many", () => {
    assert(
      property(
        objectives,
        integer({ min: 1, max: 1e9 }),
        integer({ min: 0, max: 1e6 }),
        (objective, total, bad) => {
          const before = budgetOf(objective, { total, bad }).remaining ?? 0;
          const after = budgetOf(objective, { total, bad: bad + 1 }).remaining ?? 0;
          expect(after).toBeLessThan(before);
        },
      ),
    );
  });

  it("is projected from the traffic so far, so that the first bad minute of a month does not blow it", () => {
    const total = projectedTotal(1_000, 60_000, days30 * 1000);
    expect(allowedOf(999_000, total)).toBe(43_200);
    expect(projectedTotal(7, 0, 1_000)).toBe(7);
  });
});

describe("time until the budget is used up", () => {
  it.each([
    { remaining: 1, burn: 1, days: 30 },
    { remaining: 0.5, burn: 2, days: 7.5 },
    { remaining: 0.25, burn: 14.4, days: 0.5208333333 },
    { remaining: -0.2, burn: 3, days: 0 },
    { remaining: 0.4, burn: 0, days: Infinity },
  ])("at $remaining left and burn $burn is $days days", ({ remaining, burn, days }) => {
    expect(exhaustedInMs(remaining, burn, days30 * 1000) / 86_400_000).toBeCloseTo(days, 6);
  });
});

describe("the state of a budget", () => {
  const rows: { from: BudgetState; remaining: number; to: BudgetState }[] = [
    { from: "healthy", remaining: 0.21, to: "healthy" },
    { from: "healthy", remaining: 0.2, to: "at_risk" },
    { from: "at_risk", remaining: 0.24, to: "at_risk" },
    { from: "at_risk", remaining: 0.25, to: "healthy" },
    { from: "at_risk", remaining: 0, to: "exhausted" },
    { from: "exhausted", remaining: 0.019, to: "exhausted" },
    { from: "exhausted", remaining: 0.02, to: "at_risk" },
    { from: "exhausted", remaining: 0.3, to: "healthy" },
    { from: "healthy", remaining: -3, to: "exhausted" },
  ];
  it.each(rows)("$from with $remaining left is $to", ({ from, remaining, to }) => {
    expect(budgetStateOf(from, remaining)).toBe(to);
  });
});

describe("the burn-rate table", () => {
  it.each([
    { days: 30, factors: [14.4, 6, 3, 1] },
    { days: 28, factors: [13.44, 5.6, 2.8, 28 / 30] },
    { days: 90, factors: [43.2, 18, 9, 3] },
  ])("has the factors of $days days", ({ days, factors }) => {
    expect(burnRows.map((row) => burnFactor(row, days * 86_400))).toEqual(factors);
  });

  it("keeps only rows that can alert, and only on a pace that misses the objective", () => {
    expect(burnRowsFor(999_000, days30)).toHaveLength(4);
    expect(burnRowsFor(900_000, days30).map((row) => row.longSeconds)).toEqual([
      21_600, 86_400, 259_200,
    ]);
    expect(burnRowsFor(999_000, 7 * 86_400).map((row) => row.longSeconds)).toEqual([3_600, 21_600]);
  });

  const [fast] = burnRows;
  const row: BurnRow = fast ?? {
    severity: "page",
    longSeconds: 1,
    shortSeconds: 1,
    budgetPercent: 1,
  };
  const at = (badMinutes: number) => {
    const long = { total: 60_000, bad: Math.min(badMinutes, 60) * 20 };
    const short = { total: 5_000, bad: Math.min(badMinutes, 5) * 20 };
    return burnOutcome(row, { ...reading, long, short });
  };
  const reading = { objectivePpm: 999_000, windowSeconds: days30, covered: true };

  it("pages 44 minutes into a constant 2 % of errors against 99.9 %, as promtool does", () => {
    expect(at(43)).toBe("false");
    expect(at(44)).toBe("true");
  });

  it("does not alert on exactly the factor", () => {
    const exact = { total: 1_000_000, bad: 14_400 };
    expect(burnOutcome(row, { ...reading, long: exact, short: exact })).toBe("false");
    const above = { total: 1_000_000, bad: 14_401 };
    expect(burnOutcome(row, { ...reading, long: above, short: above })).toBe("true");
  });

  it("stops when the short window is clean again", () => {
    const long = { total: 60_000, bad: 1_200 };
    expect(burnOutcome(row, { ...reading, long, short: { total: 5_000, bad: 0 } })).toBe("false");
  });

  it.each([
    { name: "one failure of ten requests", total: 10, bad: 1, outcome: "insufficient_traffic" },
    { name: "four failures of thirty", total: 30, bad: 4, outcome: "insufficient_traffic" },
    { name: "five failures of thirty", total: 30, bad: 5, outcome: "true" },
    { name: "no failure of thirty", total: 30, bad: 0, outcome: "false" },
    { name: "nothing at all", total: 0, bad: 0, outcome: "unknown" },
  ] as const)("says $outcome for $name", ({ total, bad, outcome }) => {
    const long = { total, bad };
    expect(burnOutcome(row, { ...reading, long, short: long })).toBe(outcome);
  });

  it("says nothing while too little of the window was observed", () => {
    const long = { total: 1_000, bad: 1_000 };
    expect(burnOutcome(row, { ...reading, long, short: long, covered: false })).toBe("unknown");
  });
});

describe("time slices", () => {
  it.each([
    { total: 0, bad: 0, isBad: false },
    { total: 100, bad: 5, isBad: false },
    { total: 100, bad: 6, isBad: true },
    { total: 1, bad: 1, isBad: true },
  ])("with $bad of $total against 95 %: bad is $isBad", ({ total, bad, isBad }) => {
    expect(isBadSlice(950_000, { total, bad })).toBe(isBad);
  });

  it("count over all slices of the period, also those to come", () => {
    const slices = [
      { total: 10, bad: 10 },
      { total: 10, bad: 0 },
    ];
    expect(sliceEvents(950_000, slices, 43_200)).toEqual({ total: 43_200, bad: 1 });
  });
});

describe("coverage", () => {
  it.each([
    { observed: 9, expected: 10, covered: true },
    { observed: 899, expected: 1_000, covered: false },
    { observed: 0, expected: 0, covered: true },
  ])("of $observed in $expected slices suffices: $covered", ({ observed, expected, covered }) => {
    expect(isCovered(observed, expected)).toBe(covered);
  });
});

describe("corrections", () => {
  it.each([
    {
      name: "inside",
      cuts: [[2, 4]],
      left: [
        [0, 2],
        [4, 10],
      ],
    },
    {
      name: "overlapping each other",
      cuts: [
        [2, 5],
        [4, 6],
      ],
      left: [
        [0, 2],
        [6, 10],
      ],
    },
    { name: "over the start", cuts: [[-3, 1]], left: [[1, 10]] },
    { name: "over everything", cuts: [[-1, 11]], left: [] },
    { name: "outside", cuts: [[12, 14]], left: [[0, 10]] },
    { name: "empty", cuts: [[5, 5]], left: [[0, 10]] },
  ])("$name leave the rest", ({ cuts, left }) => {
    expect(without(windowOf([0, 10]), cuts.map(windowOf), 60)).toEqual(left.map(windowOf));
  });

  it("take out at most what they cover, widened to whole buckets", () => {
    const cut = tuple(integer({ min: -50, max: 150 }), integer({ min: 0, max: 40 }));
    assert(
      property(cut, cut, ([a, widthA], [b, widthB]) => {
        const window = { fromMs: 0, toMs: 100_000 };
        const cuts = [
          { fromMs: a * 1_000, toMs: (a + widthA) * 1_000 },
          { fromMs: b * 1_000, toMs: (b + widthB) * 1_000 },
        ];
        const left = without(window, cuts, 10);
        expect(lengthMs(left)).toBeGreaterThanOrEqual(100_000 - (widthA + widthB + 40) * 1_000);
        for (const part of left) {
          for (const { fromMs, toMs } of cuts) {
            expect(fromMs === toMs || part.toMs <= fromMs || part.fromMs >= toMs).toBe(true);
          }
        }
      }),
    );
  });
});
