import { expect, it } from "vitest";

import { logSnippets } from "./log-snippets.ts";

const open = logSnippets({ origin: "http://localhost:3000", tokenAsked: false });
const closed = logSnippets({ origin: "https://viascope.example.com", tokenAsked: true });

it.each(open)(
  "$key sends to this installation, without a token where none is asked",
  ({ text }) => {
    expect(text).toContain("http://localhost:3000/");
    expect(text).not.toContain("TOKEN");
  },
);

it.each(closed)("$key carries the token where one is asked", ({ text }) => {
  expect(text).toContain("https://viascope.example.com/");
  expect(text).toContain("-H 'Authorization: Bearer TOKEN'");
});
