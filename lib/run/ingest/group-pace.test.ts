import { expect, it } from "vitest";

import { GroupPace } from "./group-pace.ts";

const small = 2_500;

/** One on which commits of so many requests took 8 ms each for long; the last one ended at 1000. */
function paceOf(requests: number): GroupPace {
  const pace = new GroupPace();
  for (let commit = 0; commit < 100; commit += 1) {
    pace.begun(requests);
    pace.ended(requests, 8, 1_000);
  }
  return pace;
}

it("lets the first request go at once", () => {
  expect(new GroupPace().waitMs(1, small, 0)).toBe(0);
});

it("never holds up who sends one request after the other", () => {
  expect(paceOf(1).waitMs(1, small, 1_000)).toBe(0);
});

it("waits behind a commit for half as many, and for a quarter of its time at most", () => {
  const pace = paceOf(32);
  expect(pace.waitMs(15, 15 * small, 1_000)).toBeCloseTo(2, 3);
  expect(pace.waitMs(15, 15 * small, 1_001.5)).toBeCloseTo(0.5, 3);
  expect(pace.waitMs(16, 16 * small, 1_000)).toBe(0);
  expect(pace.waitMs(1, small, 1_003)).toBe(0);
});

it("waits beside a commit that is under way for as many as are in it", () => {
  const pace = paceOf(16);
  pace.begun(16);
  expect(pace.waitMs(15, 15 * small, 1_000)).toBeGreaterThan(0);
  expect(pace.waitMs(16, 16 * small, 1_000)).toBe(0);
});

it("never waits with large requests", () => {
  expect(paceOf(32).waitMs(1, 250_000, 1_000)).toBe(0);
});

it("waits for 5 ms at most, however long commits take", () => {
  const pace = new GroupPace();
  pace.begun(10);
  pace.ended(10, 4_000, 1_000);
  expect(pace.waitMs(1, small, 1_000)).toBe(5);
});
