import { expect, it } from "vitest";

import { attributeLines } from "./attributes.ts";

it("puts what explains a failure first, then the request, then the rest by name", () => {
  const lines = attributeLines({
    zebra: 1,
    "url.full": "https://x",
    "error.type": "502",
    apple: null,
  });
  expect(lines.map((line) => line.key)).toEqual(["error.type", "url.full", "apple", "zebra"]);
});

it("writes structured values as JSON and texts as they are", () => {
  expect(attributeLines({ a: "plain", b: [1, { c: true }] }).map((line) => line.value)).toEqual([
    "plain",
    '[1,{"c":true}]',
  ]);
});
