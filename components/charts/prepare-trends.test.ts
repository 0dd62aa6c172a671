import { expect, it } from "vitest";

import { prepareTrends } from "./prepare-trends.ts";

const answer = {
  step: 10,
  series: [
    {
      metric: "requests" as const,
      labels: { proxy: "a" },
      points: [
        [0, 5],
        [10_000, 6],
        [20_000, 1],
      ] as [number, number][],
    },
    {
      metric: "requests" as const,
      labels: { proxy: "a", upstream: "b" },
      points: [[0, 7]] as [number, number][],
    },
  ],
};

it("finds the trend of a proxy and of its upstream apart", () => {
  const trends = prepareTrends(answer, 100_000);
  expect(trends.of("requests", "a")).toHaveLength(3);
  expect(trends.of("requests", "a", "b")).toEqual([[0, 7]]);
  expect(trends.of("errors", "a")).toEqual([]);
});

it("leaves out the bucket that has not ended", () => {
  expect(prepareTrends(answer, 29_999).of("requests", "a")).toEqual([
    [0, 5],
    [10_000, 6],
  ]);
  expect(prepareTrends(answer, 30_000).of("requests", "a")).toHaveLength(3);
});

it("has nothing to show before the first answer", () => {
  expect(prepareTrends(undefined, 0).of("requests", "a")).toEqual([]);
});
