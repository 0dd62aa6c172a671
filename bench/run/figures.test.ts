import { expect, it } from "vitest";

import { medianOf, quantile, tableOf } from "./figures.ts";

it("takes the median figure by figure", () => {
  const runs = [
    { rate: 3, size: 10 },
    { rate: 1, size: 30 },
    { rate: 2, size: 20 },
  ];
  expect(medianOf(runs)).toEqual({ rate: 2, size: 20 });
  expect(medianOf(runs.slice(0, 2))).toEqual({ rate: 2, size: 20 });
});

it("takes the median of a figure over the runs that have it", () => {
  expect(medianOf([{ rate: 3 }, { rate: 1, readMs: 7 }])).toEqual({ rate: 2, readMs: 7 });
});

it.each([
  [[], 0.5, 0],
  [[5], 0.99, 5],
  [[4, 1, 3, 2], 0.5, 3],
  [[4, 1, 3, 2], 1, 4],
])("of %j the quantile %d is %d", (values, share, value) => {
  expect(quantile(values, share)).toBe(value);
});

it("shows how far the runs lie apart", () => {
  expect(tableOf([{ rate: 100_000 }, { rate: 120_000 }])).toBe(
    "  rate     110000  (100000 to 120000)",
  );
});
