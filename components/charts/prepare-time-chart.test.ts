import { expect, it } from "vitest";

import { bucketAt, prepareTimeChart } from "./prepare-time-chart.ts";

const row = (key: string, ...values: (number | null)[]) => ({
  key,
  points: values.map((value, index) => [index * 10_000, value] as const),
});
const later = 1_000_000;

it("stacks columns and lets the scale hold their sum", () => {
  const chart = prepareTimeChart("columns", [row("a", 3, 0), row("b", 6, 1)], 10, later);
  expect(chart.yTicks.at(-1)?.value).toBeGreaterThanOrEqual(9);
  const [a, b] = chart.rows.map((each) => each.columns[0]);
  expect((b?.y ?? 0) + (b?.height ?? 0)).toBeCloseTo(a?.y ?? -1, 1);
});

it("marks a stretch that no row measured as a gap, also at the ends", () => {
  const chart = prepareTimeChart(
    "lines",
    [row("a", null, 1, null, null), row("b", null, 2, 1, null)],
    10,
    later,
  );
  expect(chart.gaps).toEqual([
    { x: 0, width: 25 },
    { x: 75, width: 25 },
  ]);
});

it("draws the way to the bucket that has not ended apart", () => {
  const chart = prepareTimeChart("lines", [row("a", 1, 2, 3)], 10, 25_000);
  expect(chart.rows[0]?.lines).toHaveLength(1);
  expect(chart.rows[0]?.openLine).not.toBeNull();
  expect(prepareTimeChart("lines", [row("a", 1, 2, 3)], 10, later).rows[0]?.openLine).toBeNull();
});

it("says when nothing was measured at all", () => {
  expect(prepareTimeChart("lines", [row("a", null, null)], 10, later).empty).toBe(true);
  expect(prepareTimeChart("lines", [row("a", null, 0)], 10, later).empty).toBe(false);
});

it.each([
  [0, 0],
  [0.26, 1],
  [0.999, 3],
  [1, null],
  [-0.1, null],
])("finds the bucket at %d of the width", (share, index) => {
  expect(bucketAt(prepareTimeChart("lines", [row("a", 1, 2, 3, 4)], 10, later), share)).toBe(index);
});
