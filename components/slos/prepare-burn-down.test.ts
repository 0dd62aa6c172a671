import { expect, it } from "vitest";

import { pointByKey } from "../charts/point-by-key.ts";
import { pointAt, prepareBurnDown } from "./prepare-burn-down.ts";

const hourMs = 3_600_000;
const fromMs = Date.parse("2026-11-21T00:00:00.000Z");
const window = { fromMs, toMs: fromMs + 4 * hourMs };

function point(hour: number, remaining: number | null) {
  const at = new Date(fromMs + hour * hourMs).toISOString();
  return { at, remaining, even: 1 - hour / 4 };
}

it("begins with the whole budget, draws gaps where nothing was measured, and the even line through", () => {
  const chart = prepareBurnDown([point(1, 0.9), point(2, null), point(4, 0.5)], window);
  expect(chart).toEqual({
    window,
    remaining: ["M0 0L25 10", "M100 50L100 50"],
    even: "M0 0L100 100",
    zeroY: 100,
    lowest: 0,
    xs: [25, 50, 100],
  });
});

it("leaves room for what is to come of a calendar period", () => {
  const chart = prepareBurnDown([point(1, 1), point(2, 0.5)], window);
  expect(chart.remaining).toEqual(["M0 0L25 0L50 50"]);
});

it("shows overspending to its end", () => {
  const chart = prepareBurnDown([point(2, 1), point(4, -3)], window);
  expect(chart).toMatchObject({
    remaining: ["M0 0L50 0L100 100"],
    even: "M0 0L100 25",
    zeroY: 25,
    lowest: -3,
  });
});

it("is read at the point that is next to the pointer", () => {
  const chart = { xs: [25, 50, 100] };
  expect([0, 0.37, 0.38, 0.9].map((share) => pointAt(chart, share))).toEqual([0, 0, 1, 2]);
  expect(pointAt({ xs: [] }, 0.5)).toBeNull();
});

it.each([
  ["ArrowRight", null, 0],
  ["ArrowRight", 2, 2],
  ["ArrowLeft", null, 2],
  ["ArrowLeft", 0, 0],
  ["Home", 2, 0],
  ["End", 0, 2],
  ["a", 1, null],
])("%s leads from %s to %s", (key, index, expected) => {
  expect(pointByKey(key, index, 3)).toBe(expected);
});
