import { expect, test } from "vitest";

import { freeBytes } from "./free-bytes.ts";

test("an array that has its buffer to itself is empty afterwards", () => {
  const bytes = new Uint8Array(8).fill(7);
  freeBytes(bytes);
  expect(bytes).toHaveLength(0);
  expect(bytes.buffer).toHaveProperty("detached", true);
});

test("a part of a buffer, whose rest may be somebody else's, stays as it is", () => {
  const whole = new Uint8Array(8).fill(7);
  freeBytes(whole.subarray(0, 7));
  freeBytes(whole.subarray(1));
  expect([...whole]).toEqual(Array(8).fill(7));
});
