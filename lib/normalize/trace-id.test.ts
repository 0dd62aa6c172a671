import { expect, it } from "vitest";

import { namesTrace, wholeTraceId } from "./trace-id.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const zeros = "0".repeat(16);

it.each<[string | null, string | null]>([
  [traceId, traceId],
  [traceId.toUpperCase(), traceId],
  ["8448eb211c80319c", `${zeros}8448eb211c80319c`],
  [zeros, null],
  [zeros + zeros, null],
  ["8448eb211c80319", null],
  [`${traceId}0`, null],
  [`${traceId.slice(1)}x`, null],
  ["", null],
  [null, null],
])("reads the trace id %j as %j", (text, whole) => {
  expect(wholeTraceId(text)).toBe(whole);
});

it.each<[string | null, boolean]>([
  [traceId, true],
  [traceId.toUpperCase(), true],
  ["8448eb211c80319c", true],
  [`${zeros}8448eb211c80319c`, false],
  ["8448eb211c80319d", false],
  ["319c", false],
  [null, false],
])("tells whether %j names the trace: %j", (text, does) => {
  expect(namesTrace(text, traceId)).toBe(does);
});
