import { expect, it } from "vitest";

import { increasesOf } from "./metric-steps.ts";
import type { MetricHistogram, Temporality } from "./metric.ts";

type Line = readonly [atMs: number, value: number, startMs?: number];

function increases(temporality: Temporality, ...lines: readonly Line[]) {
  const readings = lines.map(([atMs, value, startMs = null]) => ({
    atMs,
    value,
    startMs,
    histogram: null,
  }));
  return increasesOf(readings, temporality, 1_000).map(({ value, overMs }) => [value, overMs]);
}

it.each<[string, Temporality, Line[], number[][]]>([
  [
    "grows",
    "cumulative",
    [
      [1_000, 5],
      [2_000, 8],
      [4_000, 8],
    ],
    [
      [3, 1_000],
      [0, 2_000],
    ],
  ],
  [
    "was reset: all it has is new",
    "cumulative",
    [
      [1_000, 5],
      [2_000, 2],
    ],
    [[2, 1_000]],
  ],
  [
    "began anew and overtook what it had",
    "cumulative",
    [
      [1_000, 5, 0],
      [3_000, 9, 2_500],
    ],
    [[9, 500]],
  ],
  ["is seen for the first time", "cumulative", [[2_000, 5]], []],
  ["is new in the window", "cumulative", [[2_000, 5, 1_500]], [[5, 500]]],
  ["is older than the window", "cumulative", [[2_000, 5, 10]], []],
  [
    "comes twice",
    "cumulative",
    [
      [1_000, 5],
      [1_000, 5],
      [2_000, 6],
    ],
    [[1, 1_000]],
  ],
  [
    "is a delta",
    "delta",
    [
      [1_000, 5, 0],
      [2_000, 2, 1_000],
    ],
    [
      [5, 1_000],
      [2, 1_000],
    ],
  ],
])("a counter that %s", (_, temporality, lines, expected) => {
  expect(increases(temporality, ...lines)).toEqual(expected);
});

function histogram(counts: number[]): MetricHistogram {
  return { bounds: [1, 2], counts, sum: 9 };
}

function reading(atMs: number, counts: number[]) {
  const value = counts.reduce((sum, count) => sum + count, 0);
  return { atMs, startMs: null, value, histogram: histogram(counts) };
}

it("a histogram gives what was observed between two readings, and all of it after a reset", () => {
  const found = increasesOf(
    [reading(1_000, [1, 2, 3]), reading(2_000, [1, 5, 4]), reading(3_000, [9, 1, 9])],
    "cumulative",
    0,
  );
  expect(found.map((one) => one.histogram?.counts)).toEqual([
    [0, 3, 1],
    [9, 1, 9],
  ]);
});
