import { assert, constantFrom, integer, property } from "fast-check";
import { expect, it } from "vitest";

import { durationText, secondsOf, spanText } from "./duration.ts";

it.each([
  ["250ms", 0.25],
  ["1.2s", 1.2],
  ["5m", 300],
  ["1.5h", 5_400],
  ["4w", 2_419_200],
  ["0s", 0],
  ["5", null],
  ["m", null],
  ["5 m", null],
  ["5m3s", 303],
  ["1h30m", 5_400],
  ["1d2h3m4s5ms", 93_784.005],
  ["30m1h", null],
  ["5m5m", null],
  ["5m3", null],
  ["", null],
  ["-5m", null],
  ["5M", null],
  ["1e3s", null],
])("%s means %s seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

it("a duration is written in its largest whole unit, and read back the same", () => {
  expect([0, 90, 300, 3_600, 259_200, 0.25].map(durationText)).toEqual([
    "0s",
    "90s",
    "5m",
    "1h",
    "3d",
    "250ms",
  ]);
  assert(
    property(integer({ min: 0, max: 1e6 }), constantFrom(1, 60, 3_600, 86_400), (amount, unit) => {
      expect(secondsOf(durationText(amount * unit))).toBe(amount * unit);
    }),
  );
});

it("a span of whole seconds is written with every unit that it holds, and read back the same", () => {
  expect([0, 30, 90, 300, 5_400, 604_800, 86_401].map(spanText)).toEqual([
    "0s",
    "30s",
    "1m30s",
    "5m",
    "1h30m",
    "7d",
    "1d1s",
  ]);
  assert(
    property(integer({ min: 0, max: 1e7 }), (seconds) => {
      expect(secondsOf(spanText(seconds))).toBe(seconds);
    }),
  );
});
