import { run } from "@bufbuild/cel";
import { assert, constantFrom, letrec, oneof, property, record, type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";

import type { RuleSubject } from "#lib/core/rule.ts";

import { compileExpression, type ExpressionValues } from "./expression.ts";
import { translate } from "./surface.ts";

function verdict(text: string, values: ExpressionValues, subject: RuleSubject = "proxy") {
  const expression = compileExpression(text, subject);
  if ("message" in expression) throw new Error(expression.message);
  return expression.evaluate(values);
}

describe("the surface of an expression", () => {
  it.each([
    [
      "error_rate_5m > 0.005 and p95_latency_5m > 1.2s",
      "error_rate_5m > 0.005 && p95_latency_5m > 1.2",
    ],
    ["error_rate_5m > 0.1%", "error_rate_5m > 0.001"],
    ["p95_latency_5m >= 250ms or silence > 5m", "p95_latency_5m >= 0.25 || silence > 300.0"],
    ["not (requests_5m < 20)", "! (requests_5m < 20.0)"],
    [
      "proxy == \"and 5m or 3\" and upstream != 'not'",
      "proxy == \"and 5m or 3\" && upstream != 'not'",
    ],
    ["status_503_5m > 3", "status_503_5m > 3.0"],
    ["errors_5m > 1e3", "errors_5m > 1000.0"],
    ["android > 1", "android > 1.0"],
  ])("%s becomes %s", (text, cel) => {
    expect(translate(text).cel).toBe(cel);
  });

  it("keeps the way back to every character", () => {
    const text = 'not (a > 250ms) and proxy == "x"';
    const { cel, placeOf } = translate(text);
    expect(placeOf).toHaveLength(cel.length + 1);
    expect(placeOf.at(-1)).toBe(text.length);
    expect(text.slice(placeOf[cel.indexOf("0.25")])).toMatch(/^250ms/);
    expect(text.slice(placeOf[cel.indexOf("proxy")])).toMatch(/^proxy/);
    expect(placeOf).toEqual(placeOf.toSorted((a, b) => a - b));
  });
});

describe("a refused expression says why and where", () => {
  const rows: { text: string; subject?: RuleSubject; at: string; message: RegExp }[] = [
    { text: "error_rate_5m >", at: "", message: /ends too early/ },
    { text: "", at: "", message: /Write a condition/ },
    {
      text: "p95_latency_5m > 1.2s and eror_rate_5m > 1%",
      at: "eror_rate_5m",
      message: /Did you mean `error_rate_5m`/,
    },
    { text: "error_rate_7m > 1%", at: "error_rate_7m", message: /no metric `error_rate_7m`/ },
    {
      text: "hit_ratio_5m < 1",
      subject: "upstream",
      at: "hit_ratio_5m",
      message: /measured per proxy/,
    },
    {
      text: 'errors_5m > 3 and proxy.matches("(a+)+$")',
      at: 'proxy.matches("(a+)+$")',
      message: /`matches` is not allowed/,
    },
    { text: "requests_5m", at: "requests_5m", message: /true or false/ },
    { text: "errors_5m / requests_5m > 0.1", at: "errors_5m / requests_5m", message: /a > 2 \* b/ },
    { text: "errors_5m / 0 > 0.1", at: "errors_5m / 0", message: /not 0/ },
    {
      text: "[1.0].all(x, x > errors_5m)",
      at: "[1.0].all(x, x > errors_5m)",
      message: /`all` is not allowed/,
    },
    { text: "errors_5m > 250ms and proxy > 3", at: "proxy > 3", message: /string/ },
    {
      text: "errors_5m and requests_5m > 1",
      at: "errors_5m and requests_5m > 1",
      message: /true-or-false/,
    },
    { text: "now() > 3", at: "now()", message: /./ },
    { text: "proxy.length > 3", at: "proxy.length", message: /no parts/ },
    { text: "errors_5m > 1 and", at: "", message: /ends too early/ },
    { text: "(".repeat(60), at: "", message: /./ },
    { text: "errors_5m > 1 or ".repeat(400), at: "", message: /2000 characters/ },
  ];
  it.each(rows)("$text", ({ text, subject = "proxy", at, message }) => {
    const result = compileExpression(text, subject);
    if (!("message" in result)) throw new Error("was accepted");
    expect(result.message).toMatch(message);
    const place = at === "" ? "" : text.slice(result.from, result.to).trim();
    expect(place).toBe(at);
    expect(result.to).toBeLessThanOrEqual(text.length);
  });
});

describe("a verdict", () => {
  const both = "error_rate_5m > 0.005 and p95_latency_5m > 1.2s";
  it.each([
    { text: both, values: { error_rate_5m: 0.01, p95_latency_5m: 1.3 }, is: true },
    { text: both, values: { error_rate_5m: 0.01, p95_latency_5m: 1.2 }, is: false },
    { text: both, values: { error_rate_5m: 0.001 }, is: false },
    { text: both, values: { p95_latency_5m: 2 }, is: null },
    { text: both, values: { p95_latency_5m: 1 }, is: false },
    { text: "error_rate_5m > 1% or errors_5m > 9", values: { errors_5m: 10 }, is: true },
    { text: "error_rate_5m > 1% or errors_5m > 9", values: { errors_5m: 1 }, is: null },
    { text: "not (error_rate_5m > 1%)", values: {}, is: null },
    {
      text: 'errors_5m > 1 and proxy in ["a", "b"]',
      values: { errors_5m: 2, proxy: "b" },
      is: true,
    },
    {
      text: 'proxy.startsWith("edge") and errors_5m > 1',
      values: { errors_5m: 2, proxy: "x" },
      is: false,
    },
    {
      text: "hit_ratio_15m < 0.7 * hit_ratio_1d",
      values: { hit_ratio_15m: 0.5, hit_ratio_1d: 0.9 },
      is: true,
    },
  ])("of $text with $values is $is", ({ text, values, is }) => {
    const known = Object.entries(values).filter(([, value]) => value !== undefined);
    expect(verdict(text, Object.fromEntries(known))).toBe(is);
  });

  it("costs microseconds", () => {
    const expression = compileExpression(both, "proxy");
    if ("message" in expression) throw new Error(expression.message);
    const begun = performance.now();
    for (let i = 0; i < 25_000; i += 1) {
      expression.evaluate({ error_rate_5m: i / 25_000, p95_latency_5m: 2 });
    }
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe("random conditions", () => {
  const names = ["errors_5m", "error_rate_5m", "p95_latency_5m"] as const;
  const { condition } = letrec<{ condition: string }>((tie) => ({
    condition: oneof(
      { depthSize: "small", withCrossShrink: true },
      record({
        left: constantFrom(...names, "errors_5m * 2", "1.5 - error_rate_5m", "errors_5m / 4"),
        operator: constantFrom(">", ">=", "<", "<=", "==", "!="),
        right: constantFrom("0.5", "1", "2", "50%", "1s", "500ms", ...names),
      }).map(({ left, operator, right }) => `${left} ${operator} ${right}`),
      record({
        left: tie("condition"),
        word: constantFrom("and", "or"),
        right: tie("condition"),
      }).map(({ left, word, right }) => `(${left} ${word} ${right})`),
      tie("condition").map((inner) => `not (${inner})`),
    ),
  }));
  const some = constantFrom(0, 0.5, 1, 2, undefined);
  const values: Record<string, Arbitrary<number | undefined>> = Object.fromEntries(
    names.map((name) => [name, some]),
  );

  it("mean the same to another implementation of CEL, also where metrics are missing", () => {
    assert(
      property(condition, record(values), (text, all) => {
        const known = Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== undefined),
        );
        const answer: unknown = (() => {
          try {
            return run(translate(text).cel, known);
          } catch {
            return null;
          }
        })();
        expect(verdict(text, known)).toBe(typeof answer === "boolean" ? answer : null);
      }),
      { numRuns: 2_000 },
    );
  });

  it("that are unknown become neither true nor false before the missing metric is known", () => {
    assert(
      property(condition, record(values), (text, all) => {
        const known = Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, number] => entry[1] !== undefined),
        );
        const decided = verdict(text, known);
        if (decided === null) return;
        for (const filler of [0, 0.5, 1, 2, 7]) {
          const filled = { ...Object.fromEntries(names.map((name) => [name, filler])), ...known };
          expect(verdict(text, filled)).toBe(decided);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
