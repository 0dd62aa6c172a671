import { expect, it } from "vitest";

import type { Rule } from "#lib/contract/rules.ts";

import {
  bodyOf,
  canBeRead,
  completions,
  draftOf,
  keyFrom,
  labelProblem,
  newDraft,
  sortRules,
  spanOf,
  standingOf,
} from "./prepare-rule.ts";

function ruleOf(part: Partial<Rule>): Rule {
  return {
    ...bodyOf({ ...newDraft, name: "Rule" }),
    description: "",
    proxy: null,
    upstream: null,
    recoverWhen: null,
    forSeconds: 0,
    keepFiringForSeconds: 60,
    onNoData: "keep",
    minRequests: 20,
    labels: {},
    runbookUrl: null,
    key: "rule",
    origin: "own",
    enabled: true,
    file: null,
    changed: false,
    firing: 0,
    pending: 0,
    problem: null,
    ...part,
  };
}

it("gives back the rule that a form was filled with", () => {
  const rule = ruleOf({
    recoverWhen: "error_rate_5m < 1%",
    labels: { team: "core" },
    forSeconds: 5_400,
  });
  expect(draftOf(rule)).toMatchObject({ holds: "1h30m", keepsFiring: "1m" });
  expect(rule).toMatchObject(bodyOf(draftOf(rule)));
});

it("asks for no upstream where a rule looks at proxies", () => {
  expect(bodyOf({ ...newDraft, per: "proxy", upstream: "a*" }).upstream).toBeNull();
});

it.each([
  ["5m", 300],
  ["1h 30m", 5_400],
  [" 0s ", 0],
  ["7d", 604_800],
  ["8d", null],
  ["300", null],
  ["soon", null],
  ["", null],
  ["250ms", null],
])("reads the time %j as %s seconds", (text, seconds) => {
  expect(spanOf(text)).toBe(seconds);
  expect(canBeRead({ ...newDraft, holds: text })).toBe(seconds !== null);
  expect(canBeRead({ ...newDraft, keepsFiring: text })).toBe(seconds !== null);
});

it.each([
  ["team", [], null],
  ["", [], null],
  ["my team", [], "name"],
  ["severity", [], "reserved"],
  ["team", ["team"], "twice"],
] as const)("says of the label %j beside %j: %s", (name, others, problem) => {
  const label = { name, value: "x" };
  const labels = [label, ...others.map((other) => ({ name: other, value: "y" }))];
  expect(labelProblem(label, labels)).toBe(problem);
  expect(canBeRead({ ...newDraft, labels })).toBe(problem === null);
});

it("leaves out labels without a name", () => {
  const labels = [
    { name: " team ", value: "infra" },
    { name: "", value: "" },
  ];
  expect(bodyOf({ ...newDraft, labels }).labels).toEqual({ team: "infra" });
});

it.each([
  ["5xx burst!", "5xx-burst"],
  ["  Größe über ", "gr-e-ber"],
  ["a".repeat(80), "a".repeat(63)],
])("makes of the name %j the key %j", (name, key) => {
  expect(keyFrom(name)).toBe(key);
});

it.each([
  [{ enabled: false, firing: 1 }, "off"],
  [{ problem: "no" }, "problem"],
  [{ firing: 1, pending: 1 }, "firing"],
  [{ pending: 1 }, "pending"],
  [{}, "quiet"],
] as const)("says of %o that it is %s", (part, standing) => {
  expect(standingOf(ruleOf(part))).toBe(standing);
});

it("puts what needs attention first, and what is off last", () => {
  const rules = [
    ruleOf({ name: "off", enabled: false }),
    ruleOf({ name: "b" }),
    ruleOf({ name: "a" }),
    ruleOf({ name: "fires", firing: 1 }),
  ];
  expect(sortRules(rules).map(({ name }) => name)).toEqual(["fires", "a", "b", "off"]);
});

it("completes the word before the caret, not one that is already whole", () => {
  const names = ["error_rate_5m", "errors_5m", "requests_5m"];
  expect(completions("x > 1 and err", 13, names)).toEqual({ from: 10, names: names.slice(0, 2) });
  expect(completions("errors_5m", 9, names).names).toEqual([]);
  expect(completions("e", 1, names).names).toEqual([]);
});
