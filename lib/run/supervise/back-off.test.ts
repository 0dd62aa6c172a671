import { expect, it } from "vitest";

import { nextDelayMs } from "./back-off.ts";

it("waits longer after each quick death, and no longer than half a minute", () => {
  const delays = [];
  for (let delay = 0; delays.length < 8; delays.push(delay)) delay = nextDelayMs(delay, 100);
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it("begins anew when a role has served for a minute", () => {
  expect(nextDelayMs(16_000, 60_000)).toBe(500);
});
