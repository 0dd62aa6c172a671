import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { NotSnappy, snappySize, unsnapped } from "./snappy.ts";

describe("decompresses what Snappy itself compressed", () => {
  it.each([
    ["nothing", "AA==", ""],
    ["one byte", "AQBh", "a"],
    ["a run, as a copy that overlaps itself", "ZABh/gEAigEA", "a".repeat(100)],
  ])("%s", (_, block, text) => {
    expect(unsnapped(Buffer.from(block, "base64")).toString()).toBe(text);
  });
});

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

it.each([
  ["nothing at all", "", /cut off/],
  ["a length without an end", "80 80 80 80 80 01", /no number/],
  ["a claim that no block of its size can hold", "ff ff ff ff 0f 00 61", /claims more/],
  ["a literal that is cut off", "05 10 61 62", /cut off/],
  ["a long literal whose length is cut off", "05 f4 01", /cut off/],
  ["less than it says", "05 00 61", /cut off/],
  ["more than it says", "01 04 61 62", /longer than it says/],
  ["a copy of nothing", "05 00 61 01 00", /before its beginning/],
  ["a copy from before its beginning", "05 00 61 01 02", /before its beginning/],
  ["a copy beyond its end", "03 00 61 fe 01 00", /longer than it says/],
  ["a copy whose offset is cut off", "05 00 61 02 01", /cut off/],
])("refuses %s", (_, block, reason) => {
  expect(() => unsnapped(hex(block))).toThrow(reason);
});

it("gives exactly as many bytes as it said, or refuses, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (block) => {
      try {
        const size = snappySize(block);
        expect(unsnapped(block)).toHaveLength(size);
      } catch (error) {
        if (!(error instanceof NotSnappy)) throw error;
      }
    }),
    { numRuns: 20_000 },
  );
});

/** Elements of a block, and what they make. */
const element = fc.oneof(
  fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength: 300 }) }),
  fc.record({
    back: fc.nat(),
    length: fc.integer({ min: 1, max: 64 }),
    kind: fc.constantFrom(2, 3),
  }),
  fc.record({ back: fc.nat(), length: fc.integer({ min: 4, max: 11 }), kind: fc.constant(1) }),
);

it("gives what its literals and copies make, also where a copy repeats itself", () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 60 }), (elements) => {
      const block: number[] = [];
      const made: number[] = [];
      for (const one of elements) {
        if ("literal" in one) {
          block.push(...literalTag(one.literal.length), ...one.literal);
          made.push(...one.literal);
          continue;
        }
        if (made.length === 0) continue;
        const offset = 1 + (one.back % Math.min(made.length, one.kind === 1 ? 2_047 : 65_535));
        block.push(...copyTag(one.kind, one.length, offset));
        for (let count = 0; count < one.length; count += 1) {
          made.push(made[made.length - offset] ?? -1);
        }
      }
      const whole = Buffer.from([...varint(made.length), ...block]);
      expect([...unsnapped(whole)]).toEqual(made);
    }),
    { numRuns: 300 },
  );
});

function literalTag(length: number): number[] {
  const last = length - 1;
  if (last < 60) return [last << 2];
  return last < 256 ? [60 << 2, last] : [61 << 2, last & 255, last >> 8];
}

function copyTag(kind: number, length: number, offset: number): number[] {
  if (kind === 1) return [((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 255];
  const tag = ((length - 1) << 2) | kind;
  return kind === 2 ? [tag, offset & 255, offset >> 8] : [tag, offset & 255, offset >> 8, 0, 0];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}
