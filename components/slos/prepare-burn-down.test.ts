import { expect, it } from "vitest";

import { prepareBurnDown } from "./prepare-burn-down.ts";

const at = "2026-11-21T00:00:00.000Z";

it("draws gaps where nothing was measured, and the even line through", () => {
  const chart = prepareBurnDown([
    { at, remaining: 1, even: 1 },
    { at, remaining: null, even: 0.5 },
    { at, remaining: 0.5, even: 0 },
  ]);
  expect(chart).toEqual({
    remaining: ["M0 0L0 0", "M100 50L100 50"],
    even: "M0 0L50 50L100 100",
    zeroY: 100,
    lowest: 0,
  });
});

it("shows overspending to its end", () => {
  const chart = prepareBurnDown([
    { at, remaining: 1, even: 1 },
    { at, remaining: -3, even: 0 },
  ]);
  expect(chart).toMatchObject({ remaining: ["M0 0L100 100"], zeroY: 25, lowest: -3 });
});
