import { expect, it } from "vitest";

import { formatsFor } from "../format/use-formats.ts";
import { filteredBy, rowsOf, unitText, valueFormat, withFilter } from "./prepare-metrics.ts";

it("names series by what tells them apart, or by all when there is one", () => {
  const one = { labels: { proxy: "edge", code: "2xx" }, points: [] };
  const other = { labels: { proxy: "edge", code: "5xx" }, points: [] };
  const labels = (series: (typeof one)[]) =>
    Object.values(rowsOf({ series }).styles).map(({ label }) => label);
  expect(labels([one, other])).toEqual(["code=2xx", "code=5xx"]);
  expect(labels([one])).toEqual(["code=2xx proxy=edge"]);
});

it("twenty series differ in color or dash", () => {
  const series = Array.from({ length: 20 }, (_, n) => ({ labels: { n: `${n}` }, points: [] }));
  const looks = Object.values(rowsOf({ series }).styles).map(
    ({ color, dash }) => `${color} ${dash}`,
  );
  expect(new Set(looks).size).toBe(20);
});

it.each([
  ["s", "p95", 0.25, "250 ms", "seconds"],
  ["By", "rate", 2_048, "2.05\u{a0}kB/s", "bytes per second"],
  ["", "rate", 1.5, "1.5/s", "per second"],
  ["", "value", 0.123456, "0.1235", "count"],
  ["By", "value", null, "–", "bytes"],
] as const)("a value in %s as %s", (unit, reading, value, text, words) => {
  expect(valueFormat(unit, reading, formatsFor("en", "UTC"))(value)).toBe(text);
  expect(unitText(unit, reading)).toBe(words);
});

it("filters hold one value for each attribute", () => {
  expect(withFilter(["code=2xx", "x=1"], "code", "5xx")).toEqual(["x=1", "code=5xx"]);
  expect(withFilter(["code=2xx"], "code", null)).toBeNull();
  expect(filteredBy(["url=a=b"], "url")).toBe("a=b");
});
