import { expect, it } from "vitest";

import { traceIdIn } from "./trace-id.ts";

const id = "4bf92f3577b34da6a3ce929d0e0e4736";

it.each([
  ["the id alone", id, id],
  ["upper case and spaces", `  ${id.toUpperCase()} `, id],
  ["a traceparent header", `00-${id}-00f067aa0ba902b7-01`, id],
  ["an id with dashes", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", id],
  ["an address", `https://example.com/traces/${id}?x=1`, id],
  ["a cut id", id.slice(1), null],
  ["a longer number", `${id}a`, null],
  ["the invalid id of zeros", "0".repeat(32), null],
  ["nothing", "", null],
])("%s", (_, text, found) => {
  expect(traceIdIn(text)).toBe(found);
});
