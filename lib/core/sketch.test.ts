import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  bucketCount,
  bucketOf,
  countAtMost,
  latencyUsMax,
  quantileUs,
  representativeUs,
  sizeOf,
  SketchSum,
} from "./sketch.ts";

const latency = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.integer({ min: 0, max: latencyUsMax }),
  // Heavy tails: a Pareto distribution of index 0.9.
  fc
    .double({ min: 0.000_1, max: 1, noNaN: true })
    .map((u) => Math.min(latencyUsMax, Math.floor(100 * u ** (-1 / 0.9)))),
);
const latencies = fc.array(latency, { minLength: 1, maxLength: 400 });

function sketchOf(values: readonly number[]) {
  const sum = new SketchSum();
  for (const value of values) sum.add(value);
  return sum.toSketch();
}

/** The exact value at a quantile, by nearest rank. */
function exact(values: readonly number[], thousandths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((thousandths * values.length) / 1000));
  return sorted[rank - 1] ?? Number.NaN;
}

describe("a sum", () => {
  it("has the same sketch whether its values come one by one or as counts", () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const sum = new SketchSum();
        for (const value of values) sum.addBucket(bucketOf(value), 1);
        expect(sum.toSketch()).toEqual(sketchOf(values));
      }),
    );
  });
});

describe("a quantile of a sketch", () => {
  it("is within 1 % of the exact value, for any data and any quantile", () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 0, max: 1000 }), (values, thousandths) => {
        const truth = exact(values, thousandths);
        const told = quantileUs(sketchOf(values), thousandths) ?? Number.NaN;
        expect(Math.abs(told - truth)).toBeLessThanOrEqual(truth * 0.01 + 1e-9);
      }),
      { numRuns: 500 },
    );
  });

  it("is null for an empty sketch", () => {
    expect(quantileUs(sketchOf([]), 950)).toBeNull();
  });

  it.each([
    ["the first of a hundred at 7 ‰", 7, 1],
    ["the seventh of a hundred at 70 ‰", 70, 7],
    ["the hundredth at 1000 ‰", 1000, 100],
    ["the first at 0 ‰", 0, 1],
  ])("has no rank moved by binary fractions: %s", (_, thousandths, value) => {
    const values = Array.from({ length: 100 }, (_unused, at) => at + 1);
    expect(Math.abs((quantileUs(sketchOf(values), thousandths) ?? 0) - value)).toBeLessThan(
      value * 0.01 + 1e-9,
    );
  });
});

describe("merging sketches", () => {
  it("gives the sketch of all values, however they were split and in whatever order they are merged", () => {
    fc.assert(
      fc.property(
        fc
          .array(latencies, { minLength: 1, maxLength: 8 })
          .chain((parts) =>
            fc.tuple(
              fc.constant(parts),
              fc.shuffledSubarray(parts, { minLength: parts.length, maxLength: parts.length }),
            ),
          ),
        ([parts, shuffled]) => {
          const merged = new SketchSum();
          for (const part of shuffled) merged.merge(sketchOf(part));
          expect(merged.toSketch()).toEqual(sketchOf(parts.flat()));
        },
      ),
    );
  });

  it("takes back what was added by counts below zero", () => {
    const sum = new SketchSum();
    sum.merge(sketchOf([5, 5, 9_000]));
    sum.addBucket(bucketOf(5), -2);
    expect(sum.toSketch()).toEqual(sketchOf([9_000]));
  });
});

describe("buckets", () => {
  it("hold values that differ by at most 1 % from what stands for them", () => {
    fc.assert(
      fc.property(latency, (value) => {
        const shown = representativeUs(bucketOf(value));
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(value * 0.01 + 1e-9);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are numbered upwards without a gap, by the boundaries of the reference", () => {
    let low = 1;
    for (let bucket = 1; low <= latencyUsMax; bucket += 1) {
      const high = Math.max(low, Math.floor((101 * low) / 99));
      expect(bucketOf(low)).toBe(bucket);
      expect(bucketOf(Math.min(high, latencyUsMax))).toBe(bucket);
      low = high + 1;
    }
    expect(bucketOf(latencyUsMax)).toBe(bucketCount - 1);
    expect(bucketCount).toBeLessThan(1_000);
  });

  it.each([
    ["below zero", -5, 0],
    ["above an hour", latencyUsMax * 7, bucketCount - 1],
    ["with a fraction", 3.9, 3],
  ])("take a value %s", (_, value, bucket) => {
    expect(bucketOf(value)).toBe(bucket);
  });
});

it("counts the values at most a threshold, to the accuracy of a bucket", () => {
  fc.assert(
    fc.property(latencies, latency, (values, threshold) => {
      const told = countAtMost(sketchOf(values), threshold);
      const surely = values.filter((value) => value <= threshold).length;
      const perhaps = values.filter((value) => value <= threshold * 1.0203 + 1).length;
      expect(told).toBeGreaterThanOrEqual(surely);
      expect(told).toBeLessThanOrEqual(perhaps);
      expect(told).toBeLessThanOrEqual(sizeOf(sketchOf(values)));
    }),
  );
});
