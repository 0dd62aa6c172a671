import fc from "fast-check";
import { expect, it } from "vitest";

import {
  countOf,
  hasGrown,
  minus,
  packHistogram,
  plus,
  quantileOf,
  unpackHistogram,
} from "./metric-histogram.ts";
import type { MetricHistogram } from "./metric.ts";

const histograms = fc
  .uniqueArray(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 20 })
  .chain((bounds) =>
    fc.record({
      bounds: fc.constant(bounds.map((bound) => bound + 0).toSorted((a, b) => a - b)),
      counts: fc.array(fc.nat(1e12), {
        minLength: bounds.length + 1,
        maxLength: bounds.length + 1,
      }),
      sum: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    }),
  );

it("what was packed is unpacked the same", () => {
  fc.assert(
    fc.property(histograms, (histogram) => {
      expect(unpackHistogram(packHistogram(histogram))).toEqual(histogram);
    }),
  );
});

it("adding and taking away lose no observation, whatever the bounds", () => {
  fc.assert(
    fc.property(histograms, histograms, (one, other) => {
      const both = plus(one, other);
      const total = countOf(one) + countOf(other);
      // Parts of buckets are no whole numbers, so they add up but for rounding.
      expect(Math.abs(countOf(both) - total)).toBeLessThanOrEqual(total * 1e-9);
      expect(countOf(minus(both, plus(one, both)))).toBeLessThanOrEqual(total * 1e-9);
    }),
  );
});

const quarters: MetricHistogram = { bounds: [1, 2, 4], counts: [10, 20, 10, 0], sum: 70 };

it.each([
  [0.25, 1],
  [0.5, 1.5],
  [0.75, 2],
  [1, 4],
  [0, 0],
])("the %d quantile lies within its bucket", (share, value) => {
  expect(quantileOf(quarters, share)).toBeCloseTo(value);
});

it("a quantile of nothing is not measured, and one above all bounds is the last bound", () => {
  expect(quantileOf({ bounds: [1], counts: [0, 0], sum: 0 }, 0.5)).toBeNull();
  expect(quantileOf({ bounds: [], counts: [5], sum: 0 }, 0.5)).toBeNull();
  expect(quantileOf({ bounds: [1, 2], counts: [0, 0, 5], sum: 0 }, 0.5)).toBe(2);
});

it("a histogram that lost a count was reset", () => {
  const later = { ...quarters, counts: [10, 19, 30, 0] };
  expect(hasGrown(later, quarters)).toBe(false);
  expect(hasGrown({ ...quarters, counts: [11, 20, 10, 0] }, quarters)).toBe(true);
});
