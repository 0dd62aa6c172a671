import { Readable } from "node:stream";

import { expect, test } from "vitest";

import type { Hold } from "../held-bytes.ts";
import { readBody } from "./read-body.ts";

const hold: Hold = { add() {}, settle() {}, drop() {}, release() {} };
const bytesMax = 8 << 20;

/** What a sender says of how much comes, and the sizes of the pieces in which it comes. */
const bodies: readonly [name: string, said: number | null, pieces: readonly number[]][] = [
  ["nothing", 0, []],
  ["one piece", 700, [700]],
  ["two pieces", 700, [300, 400]],
  ["more pieces than one room holds, of unknown size", null, [60_000, 10_000, 90_000, 1]],
  ["a large body, which is believed as far as it comes", 3 << 20, [1 << 20, 1 << 20, 1 << 20]],
  ["less than was said", 7_000_000, [1_000]],
  ["more than was said", 10, [10, 10]],
];

test.each(bodies)("the body is what came: %s", async (_name, said, pieces) => {
  const chunks = pieces.map((size, at) => Buffer.alloc(size, at + 1));
  const whole = Buffer.concat(chunks);
  const read = await readBody(Readable.from(chunks), { bytesMax, bytesSaid: () => said }, hold);
  expect(read.equals(whole)).toBe(true);
});

test("a body of the size that was said has its buffer to itself, so that it can be freed", async () => {
  const chunks = [Buffer.alloc(90_000, 1), Buffer.alloc(30_000, 2)];
  const size = { bytesMax, bytesSaid: () => 120_000 };
  const read = await readBody(Readable.from(chunks), size, hold);
  expect(read.buffer.byteLength).toBe(120_000);
});

test("a body that goes on beyond the limit is refused, whatever was said", async () => {
  const chunks = [Buffer.alloc(600), Buffer.alloc(600)];
  const size = { bytesMax: 1_000, bytesSaid: () => 500 };
  await expect(readBody(Readable.from(chunks), size, hold)).rejects.toThrow(/larger than 1000/);
});
