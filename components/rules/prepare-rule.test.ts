import { expect, it } from "vitest";

import type { Rule } from "#lib/contract/rules.ts";

import {
  bodyOf,
  completions,
  draftOf,
  keyFrom,
  newDraft,
  sortRules,
  standingOf,
} from "./prepare-rule.ts";

function ruleOf(part: Partial<Rule>): Rule {
  return {
    ...bodyOf({ ...newDraft, name: "Rule" }, {}),
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
    forSeconds: 30,
  });
  expect(rule).toMatchObject(bodyOf(draftOf(rule), rule.labels));
});

it("asks for no upstream where a rule looks at proxies", () => {
  expect(bodyOf({ ...newDraft, per: "proxy", upstream: "a*" }, {}).upstream).toBeNull();
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
