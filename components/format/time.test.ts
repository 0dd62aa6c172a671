import { expect, it } from "vitest";

import { formatAbsolute, formatAgo, formatMoment, formatTick } from "./time.ts";

const time = Date.UTC(2026, 10, 21, 1, 34, 6);
const utc = { locale: "en-GB", timeZone: "UTC" };

it("names day, second and zone in absolute times", () => {
  expect(formatAbsolute(time, utc)).toContain("01:34:06");
  expect(formatAbsolute(time, { ...utc, timeZone: "Asia/Shanghai" })).toContain("09:34:06");
  expect(formatAbsolute(time, utc)).toContain("2026");
  expect(formatAbsolute(time, utc)).toContain("UTC");
});

it("leaves out the day only when it is today", () => {
  expect(formatMoment(time, time + 60_000, utc)).toBe("01:34:06");
  expect(formatMoment(time, time + 86_400_000, utc)).toBe("21 Nov 01:34:06");
});

it.each([
  [10_000, "01:34:06"],
  [300_000, "01:34"],
  [21_600_000, "21 Nov 01:34"],
  [86_400_000, "21 Nov"],
])("marks %d ms apart carry what tells them apart", (stepMs, text) => {
  expect(formatTick(time, stepMs, utc)).toBe(text);
});

it.each([
  [4_000, "4 sec. ago"],
  [61_000, "1 min. ago"],
  [7_200_000, "2 hr. ago"],
  [864_000_000, "10 days ago"],
  [-5_000, "0 sec. ago"],
])("%d ms later it was %s", (laterMs, text) => {
  expect(formatAgo(time, time + laterMs, "en")).toBe(text);
});
