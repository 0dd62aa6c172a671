import { expect, it } from "vitest";

import { requestText, resultText, resultTone } from "./prepare-exchange.ts";

it.each([
  [
    "a module's file",
    {
      method: "GET",
      path: "/x/@v/v1.0.0.zip",
      module: { module: "golang.org/x/net", version: "v1.0.0", endpoint: "zip" as const },
    },
    { main: "golang.org/x/net@v1.0.0", sub: "GET zip" },
  ],
  [
    "a module's versions",
    {
      method: "GET",
      path: "/x/@v/list",
      module: { module: "golang.org/x/net", version: null, endpoint: "list" as const },
    },
    { main: "golang.org/x/net", sub: "GET list" },
  ],
  [
    "any other path",
    { method: "POST", path: "/a?b", module: null },
    { main: "POST /a?b", sub: null },
  ],
  ["an unknown request", { method: null, path: null, module: null }, { main: "–", sub: null }],
])("words %s", (_, exchange, words) => {
  expect(requestText(exchange)).toEqual(words);
});

it.each([
  [200, null, "200", "plain"],
  [404, null, "404", "soft"],
  [502, null, "502", "bad"],
  [429, null, "429", "bad"],
  [502, "connection_refused", "502 connection_refused", "bad"],
  [null, "connection_timeout", "connection_timeout", "bad"],
  [null, null, null, "bad"],
] as const)("status %s with error %s reads %s and is set %s", (status, errorType, text, tone) => {
  expect(resultText({ status, errorType })).toBe(text);
  expect(resultTone({ status, errorType })).toBe(tone);
});
