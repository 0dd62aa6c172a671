import { expect, it } from "vitest";

import { emptySkewWindow, skewMs, withReceipt, type SkewWindow } from "./clock-skew.ts";

const startMs = Date.UTC(2026, 0, 1);

interface Sending {
  readonly minutes: number;
  readonly everyMs: number;
  readonly aheadMs?: number;
  /** The time a request takes to arrive after its newest record ended, by its place. */
  readonly delayMs: (place: number) => number;
}

function measured({ minutes, everyMs, aheadMs = 0, delayMs }: Sending): number | null {
  let window: SkewWindow = emptySkewWindow;
  const count = Math.floor((minutes * 60_000) / everyMs);
  for (let place = 0; place < count; place += 1) {
    const receivedMs = startMs + place * everyMs;
    window = withReceipt(window, receivedMs - delayMs(place) + aheadMs, receivedMs);
  }
  return skewMs(window, startMs + minutes * 60_000 - 1);
}

/** As a batch processor that sends every five seconds: the newest record may be up to five seconds old. */
const batched = (place: number) => (place * 1_237) % 5_000;

it.each<[string, Sending, number | null]>([
  ["a true clock, sent at once", { minutes: 5, everyMs: 1_000, delayMs: () => 20 }, 0],
  ["a true clock, in batches", { minutes: 5, everyMs: 5_000, delayMs: batched }, 0],
  [
    "a clock ahead by 7 s",
    { minutes: 5, everyMs: 1_000, aheadMs: 7_000, delayMs: () => 20 },
    6_980,
  ],
  [
    "a clock behind by 7 s",
    { minutes: 5, everyMs: 1_000, aheadMs: -7_000, delayMs: () => 20 },
    -7_020,
  ],
  [
    "an old file that is read quickly",
    { minutes: 5, everyMs: 1_000, delayMs: (place) => 9e6 - place * 900 },
    null,
  ],
  [
    "a queue that grows",
    { minutes: 5, everyMs: 1_000, delayMs: (place) => 2_000 + place * 50 },
    null,
  ],
  [
    "a sender that was heard for a minute only",
    { minutes: 1, everyMs: 1_000, aheadMs: 9_000, delayMs: () => 20 },
    null,
  ],
])("%s", (_name, sending, expected) => {
  expect(measured(sending)).toBe(expected);
});

it("batch delay of a quiet sender never reads as a skew, also where it keeps step with the batches", () => {
  const skews = Array.from({ length: 500 }, (_, seed) =>
    measured({
      minutes: 10,
      everyMs: 60_000,
      delayMs: (place) => (seed % 2 === 0 ? seed * 10 : ((place + 1) * (seed + 3) * 7_919) % 5_000),
    }),
  );
  expect(skews.filter((skew) => skew !== null && Math.abs(skew) > 1_000)).toEqual([]);
});

it("one record with a wrong time changes nothing", () => {
  const skew = measured({
    minutes: 5,
    everyMs: 1_000,
    delayMs: (place) => (place === 100 ? -3_600_000 : 20),
  });
  expect(skew).toBe(0);
});

it("what was long ago is forgotten", () => {
  let window = emptySkewWindow;
  for (let minute = 0; minute < 60; minute += 1) {
    const receivedMs = startMs + minute * 60_000;
    window = withReceipt(window, receivedMs + 3_000, receivedMs);
  }
  expect(window.slots.size).toBeLessThanOrEqual(10);
  expect(skewMs(window, startMs + 59 * 60_000)).toBe(3_000);
  expect(skewMs(window, startMs + 120 * 60_000)).toBeNull();
});
