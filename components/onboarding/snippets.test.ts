import { expect, it } from "vitest";

import { snippets } from "./snippets.ts";

const open = snippets({ origin: "http://localhost:3000", tokenAsked: false });
const closed = snippets({ origin: "https://viascope.example.com", tokenAsked: true });

it.each(open)(
  "$key sends to this installation, without a token where none is asked",
  ({ text }) => {
    expect(text).toContain("http://localhost:3000");
    expect(text).not.toContain("TOKEN");
  },
);

it.each(closed)("$key carries the token where one is asked", ({ text }) => {
  expect(text).toContain("https://viascope.example.com");
  expect(text).toMatch(/Authorization(?:: |=)Bearer(?: |%20)TOKEN/);
});

it("keeps a line break in the shell a line break", () => {
  expect(open.find(({ key }) => key === "nginx")?.text).toContain(String.raw`lines+=$'\n'$line`);
});
