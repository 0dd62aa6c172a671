import { expect, it } from "vitest";

import { labelsIn, labelsText, matchersIn, matchersText } from "./matcher-text.ts";

const read = [
  ["", []],
  ["severity=page", [{ name: "severity", operator: "=", value: "page" }]],
  [
    'severity != "info", upstream=~"a,b.*"',
    [
      { name: "severity", operator: "!=", value: "info" },
      { name: "upstream", operator: "=~", value: "a,b.*" },
    ],
  ],
  [String.raw`proxy="a \"b\" \\c"`, [{ name: "proxy", operator: "=", value: 'a "b" \\c' }]],
  ["severity", null],
  ["severity=page upstream=x", null],
  ['a="b', null],
] as const;

it.each(read)("reads %s", (text, expected) => {
  expect(matchersIn(text)).toEqual(expected);
});

it("reads again what it wrote", () => {
  const matchers = [{ name: "a", operator: "!~" as const, value: String.raw`x"\d+\.` }];
  expect(matchersIn(matchersText(matchers))).toEqual(matchers);
});

it("reads labels as it writes them, and nothing that only matches labels", () => {
  const labels = { alertname: "5xx burst", proxy: 'a "b"' };
  expect(labelsIn(labelsText(labels))).toEqual(labels);
  expect(labelsIn("severity=page, proxy=edge")).toEqual({ severity: "page", proxy: "edge" });
  expect(labelsIn("")).toEqual({});
  for (const text of ['proxy=~"a.*"', "proxy!=a", "proxy"]) expect(labelsIn(text)).toBeNull();
});
