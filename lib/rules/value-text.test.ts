import { expect, it } from "vitest";

import { valueText } from "./value-text.ts";

it.each([
  [0.0316, "ratio", "3.16 %"],
  [1, "ratio", "100 %"],
  [0.000_012_3, "ratio", "0.00123 %"],
  [0.25, "seconds", "250 ms"],
  [1.2345, "seconds", "1.23 s"],
  [0, "seconds", "0 ms"],
  [400, "seconds", "6.67 min"],
  [1_209_600, "seconds", "14 d"],
  [1_234, "count", "1234"],
  [1_234.5, "count", "1235"],
  [3.4567, "perSecond", "3.46/s"],
  [14.4, "factor", "14.4x"],
  [2_048, "bytes", "2048 B"],
  [null, "ratio", "not measured"],
] as const)("%s as %s reads %s", (value, unit, text) => {
  expect(valueText(value, unit)).toBe(text);
});
