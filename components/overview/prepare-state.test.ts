import * as fc from "fast-check";
import { expect, it } from "vitest";

import { provenErrorRate, stateOf, worstFirst, type Judged } from "./prepare-state.ts";

const judged = (
  total: number,
  errors: number,
  tlsFailures = 0,
  latencyMsP95: number | null = 1,
): Judged => ({
  total,
  errors,
  tlsFailures,
  latencyMsP50: 1,
  latencyMsP95,
});

const slow = (total: number, latencyMsP50: number, latencyMsP95: number): Judged => ({
  ...judged(total, 0),
  latencyMsP50,
  latencyMsP95,
});

it.each([
  ["no traffic is quiet", judged(0, 0), "quiet"],
  ["handshakes that fail before any request are not quiet", judged(0, 0, 3), "degraded"],
  ["two failures of two are no outage yet", judged(2, 2), "degraded"],
  ["three failures of three are one", judged(3, 3), "failing"],
  ["one failure of a hundred proves nothing", judged(100, 1), "ok"],
  ["ten percent of a thousand is failing", judged(1_000, 100), "failing"],
  ["two percent of ten thousand is degraded", judged(10_000, 200), "degraded"],
  ["a failed handshake degrades", judged(10_000, 0, 1), "degraded"],
  ["a tail eight times as slow as usual degrades", slow(1_000, 75, 800), "degraded"],
  ["what is always slow is as usual", slow(1_000, 400, 800), "ok"],
  ["a quick tail is no trouble", slow(1_000, 2, 180), "ok"],
  ["a few requests have no tail", slow(20, 10, 800), "ok"],
])("%s", (_, numbers, state) => {
  expect(stateOf(numbers)).toBe(state);
});

it("puts what needs attention first, and the slower first among the fine", () => {
  const items = [
    judged(0, 0),
    judged(1_000, 0, 0, 10),
    judged(1_000, 0, 0, 90),
    judged(2, 1),
    judged(1_000, 100),
  ];
  expect(worstFirst(items, (item) => item)).toEqual([
    items[4],
    items[3],
    items[2],
    items[1],
    items[0],
  ]);
});

it("never proves more than was measured", () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 100_000 }), (errors, extra) => {
      const total = errors + extra;
      const proven = provenErrorRate(errors, total);
      expect(proven).toBeGreaterThanOrEqual(0);
      expect(proven).toBeLessThanOrEqual(errors / total + 1e-12);
    }),
  );
});
