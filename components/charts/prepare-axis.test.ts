import { expect, it } from "vitest";

import { timeTicks, valueTicks, zoneOffsetMs } from "./prepare-axis.ts";
import { stepFor } from "./prepare-step.ts";

const hourMs = 3_600_000;

it.each([
  [0, [0, 0.5, 1]],
  [9, [0, 5, 10]],
  [1_000, [0, 500, 1_000]],
  [0.12, [0, 0.05, 0.1, 0.15]],
  [7.2, [0, 2.5, 5, 7.5]],
])("a greatest value of %d gets round marks that hold it", (max, values) => {
  expect(valueTicks(max).map((tick) => Number(tick.value.toFixed(6)))).toEqual(values);
});

it("puts time marks on the round hours of the reader's clock", () => {
  const window = { fromMs: Date.UTC(2026, 10, 21, 0, 10), toMs: Date.UTC(2026, 10, 21, 6, 10) };
  const { widthMs, ticks } = timeTicks(window, 6, 5.5 * hourMs);
  expect(widthMs).toBe(hourMs);
  expect(ticks.map((tick) => new Date(tick.value).getUTCMinutes())).toEqual([
    30, 30, 30, 30, 30, 30,
  ]);
});

it.each([
  ["UTC", 0],
  ["Asia/Shanghai", 8 * hourMs],
  ["America/St_Johns", -3.5 * hourMs],
])("knows how far %s is from UTC", (timeZone, offsetMs) => {
  expect(zoneOffsetMs(Date.UTC(2026, 10, 21), timeZone)).toBe(offsetMs);
});

it.each([
  [hourMs, 120, 30],
  [24 * hourMs, 120, 900],
  [30 * 24 * hourMs, 120, 21_600],
  [15 * 60_000, 48, 20],
])("a window of %d ms in at most %d buckets has buckets of %d s", (spanMs, most, step) => {
  expect(stepFor({ fromMs: 0, toMs: spanMs }, most)).toBe(step);
});
