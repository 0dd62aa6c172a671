import { zstdCompressSync } from "node:zlib";

import { expect, test } from "vitest";

import { freeBytes, freeCompressed } from "./free-bytes.ts";

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

test("gives back what zlib made, and none of the pool that small buffers share", () => {
  const compressed = zstdCompressSync(Buffer.alloc(100_000, "viascope"), { chunkSize: 20_000 });
  expect(compressed.byteLength).toBeGreaterThan(0);
  freeCompressed(compressed);
  expect(compressed.byteLength).toBe(0);
  const pooled = Buffer.from("viascope");
  freeCompressed(pooled);
  expect(pooled.toString()).toBe("viascope");
});
