import { describe, expect, it } from "vitest";

import { matchesAll, problemOfMatcher, textOfMatcher, type Matcher } from "./matchers.ts";

type Operator = Matcher["operator"];

const labels = { severity: "page", proxy: "athens-1", text: "a\nb" };

describe("matchers", () => {
  it.each<[string, Operator, string, boolean]>([
    ["severity", "=", "page", true],
    ["severity", "=", "pag", false],
    ["severity", "!=", "page", false],
    ["absent", "=", "", true],
    ["absent", "!=", "", false],
    ["absent", "=~", "x?", true],
    ["absent", "!~", ".+", true],
    ["severity", "=~", "page|ticket", true],
    ["severity", "=~", "pag", false],
    ["severity", "!~", "pag", true],
    ["proxy", "=~", "athens-[0-9]+", true],
    ["text", "=~", "a.b", true],
    ["proxy", "=~", "^athens-1$", true],
  ])("%s%s%s is %s", (name, operator, value, expected) => {
    expect(matchesAll([{ name, operator, value }], labels)).toBe(expected);
  });

  it.each<[string, Operator, string, RegExp | null]>([
    ["proxy", "=", "(", null],
    ["proxy", "=~", "(", /RE2 refuses/],
    ["proxy", "=~", "(?<=a)b", /RE2 refuses/],
    ["proxy", "=~", String.raw`(a)\1`, /RE2 refuses/],
    ["a b", "=", "x", /not the name of a label/],
  ])("%s%s%s: %s", (name, operator, value, problem) => {
    expect(problemOfMatcher({ name, operator, value }) ?? "none").toMatch(problem ?? /^none$/);
  });

  it("take no longer for a pattern that would hold a backtracking engine for years", () => {
    const begun = performance.now();
    const evil = { name: "x", operator: "=~" as const, value: "(a+)+b" };
    expect(matchesAll([evil], { x: `${"a".repeat(5_000)}c` })).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it("are written as Alertmanager writes them", () => {
    expect(textOfMatcher({ name: "a", operator: "=~", value: 'b"c' })).toBe(String.raw`a=~"b\"c"`);
  });
});
