import { expect, it } from "vitest";

import { formatCount, formatRate, formatRatio } from "./number.ts";

it.each([
  ["nothing measured is a dash, never a zero", null, "–"],
  ["zero is a zero", 0, "0"],
  ["small counts are exact", 9_999, "9,999"],
  ["large counts keep three digits", 1_234_567, "1.23M"],
])("count: %s", (_, value, text) => {
  expect(formatCount(value, "en")).toBe(text);
});

it.each([
  ["nothing measured", null, "–"],
  ["zero", 0, "0%"],
  ["one in a million does not read as zero", 0.000_001, "<0.01%"],
  ["below one percent keeps two places", 0.0042, "0.42%"],
  ["usual shares keep one place", 0.1234, "12.3%"],
  ["almost all keeps two places", 0.9987, "99.87%"],
  ["one miss in a million does not read as all", 0.999_999, ">99.99%"],
  ["all", 1, "100%"],
])("ratio: %s", (_, value, text) => {
  expect(formatRatio(value, "en")).toBe(text);
});

it("follows the locale", () => {
  expect(formatCount(9_999, "de")).toBe("9.999");
  expect(formatRatio(0.1234, "de")).toBe("12,3\u00A0%");
});

it("gives rates their unit", () => {
  expect(formatRate(3.214, "en")).toBe("3.21/s");
  expect(formatRate(null, "en")).toBe("–");
});
