import { expect, it } from "vitest";

import { prepareSparkline } from "./prepare-sparkline.ts";

const points = (...values: (number | null)[]) =>
  values.map((value, index) => [index * 10_000, value] as const);

it("draws a gap where nothing was measured", () => {
  const { lines } = prepareSparkline(points(1, 2, null, 2, 1), 0);
  expect(lines).toEqual(["M0 50L25 0", "M75 0L100 50"]);
});

it("shows a lone measurement as a dot", () => {
  const { lines, dots } = prepareSparkline(points(null, 4, null), 0);
  expect(lines).toEqual([]);
  expect(dots).toEqual([{ x: 50, y: 0 }]);
});

it("draws zeros as zeros, not as gaps", () => {
  expect(prepareSparkline(points(0, 0, 0), 1).lines).toEqual(["M0 100L50 100L100 100"]);
});

it("keeps noise small by the least scale", () => {
  expect(prepareSparkline(points(0.001, 0.002), 0.1).lines).toEqual(["M0 99L100 98"]);
});

it("says that nothing was measured", () => {
  expect(prepareSparkline(points(null, null), 1)).toMatchObject({
    measured: 0,
    max: null,
    last: null,
  });
});
