import { expect, it } from "vitest";

import { RateLimit } from "./rate-limit.ts";

it("what goes beyond the limit is waited for, so that the average holds", () => {
  const limit = new RateLimit(100, 0);
  limit.spend(500, 0);
  expect(limit.waitMs(0)).toBe(10);
  limit.spend(300, 0);
  expect(limit.waitMs(0)).toBe(3_010);
  expect(limit.waitMs(3_009)).toBeGreaterThan(0);
  expect(limit.waitMs(3_010)).toBe(0);
});

it("no more than five seconds are saved up, however long nothing came", () => {
  const limit = new RateLimit(100, 0);
  limit.spend(500, 3_600_000);
  expect(limit.waitMs(3_600_000)).toBe(10);
});

it("a sender at its limit is refused about as often as it is above it", () => {
  const limit = new RateLimit(1_000, 0);
  let taken = 0;
  for (let nowMs = 0; nowMs < 100_000; nowMs += 100) {
    if (limit.waitMs(nowMs) > 0) continue;
    limit.spend(250, nowMs);
    taken += 250;
  }
  expect(taken).toBeGreaterThanOrEqual(100_000);
  expect(taken).toBeLessThanOrEqual(105_500);
});

it("a clock that goes back takes nothing away", () => {
  const limit = new RateLimit(10, 10_000);
  limit.spend(49, 10_000);
  expect(limit.waitMs(5_000)).toBe(0);
});

it("what others spend of it counts, and is not told as our own", () => {
  const limit = new RateLimit(100, 0);
  limit.spend(200, 0);
  limit.spentElsewhere(300, 0);
  expect(limit.waitMs(0)).toBe(10);
  expect([limit.takeSpent(), limit.takeSpent()]).toEqual([200, 0]);
});
