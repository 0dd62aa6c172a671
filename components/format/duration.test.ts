import { expect, it } from "vitest";

import { formatBytes } from "./bytes.ts";
import { formatDuration, formatStep } from "./duration.ts";

it.each([
  [null, "–"],
  [0, "0\u00A0ms"],
  [0.042, "42\u00A0μs"],
  [0.9994, "999\u00A0μs"],
  [0.9996, "1\u00A0ms"],
  [3.2149, "3.21\u00A0ms"],
  [999.4, "999\u00A0ms"],
  [999.6, "1\u00A0s"],
  [30_000, "30\u00A0s"],
  [90_000, "1.5\u00A0min"],
  [5_400_000, "1.5\u00A0h"],
])("%d ms reads %s, in the unit that keeps it short", (ms, text) => {
  expect(formatDuration(ms, "en").replaceAll(" ", "\u00A0").replace("µ", "μ")).toBe(text);
});

it.each([
  [10, "10\u00A0s"],
  [300, "5\u00A0min"],
  [3_600, "1\u00A0h"],
  [86_400, "1\u00A0day"],
])("a bucket of %d seconds is named %s", (seconds, text) => {
  expect(formatStep(seconds, "en").replaceAll(" ", "\u00A0")).toBe(text);
});

it.each([
  [null, "–"],
  [0, "0\u00A0B"],
  [999, "999\u00A0B"],
  [1_500, "1.5\u00A0kB"],
  [23_456_789_000, "23.5\u00A0GB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes, "en")).toBe(text);
});
