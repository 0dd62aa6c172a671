import { describe, expect, it } from "vitest";

import { chartBucketsMax, stepFor, trendStepFor } from "./prepare-step.ts";

const hour = 3_600_000;
const windowOf = (ms: number) => ({ fromMs: 1_700_000_000_000, toMs: 1_700_000_000_000 + ms });

describe("the width of a bucket", () => {
  it.each([
    ["a quarter of an hour", hour / 4, 10, 20],
    ["an hour", hour, 30, 120],
    ["six hours", 6 * hour, 300, 600],
    ["a day", 24 * hour, 900, 3_600],
    ["a week", 7 * 24 * hour, 7_200, 21_600],
    ["thirty days", 30 * 24 * hour, 21_600, 86_400],
    ["five years", 1_830 * 24 * hour, 2_592_000, 2_592_000],
  ])("over %s is readable, and coarser for the trends of a table", (_, ms, chart, trend) => {
    expect(stepFor(windowOf(ms), chartBucketsMax)).toBe(chart);
    expect(trendStepFor(windowOf(ms))).toBe(trend);
  });
});
