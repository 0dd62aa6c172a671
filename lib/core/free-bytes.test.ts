import { expect, test } from "vitest";

import { freeBytes } from "./free-bytes.ts";

test("an array that has its buffer to itself is empty afterwards", () => {
  const bytes = new Uint8Array(2_000).fill(7);
  freeBytes(bytes);
  expect(bytes).toHaveLength(0);
  expect(bytes.buffer).toHaveProperty("detached", true);
});

test("a part of a buffer, whose rest may be somebody else's, stays as it is", () => {
  const whole = new Float64Array(2_000).fill(7);
  freeBytes(whole.subarray(0, 1_999));
  freeBytes(whole.subarray(1));
  expect([...whole]).toEqual(Array(2_000).fill(7));
});
