import fc from "fast-check";
import { expect, it } from "vitest";

import { unsnapped } from "#lib/receive/http/snappy.ts";

import { LineBodies } from "./lines.ts";
import { Random } from "./random.ts";
import { Snappy } from "./snappy.ts";

it("compresses any bytes so that they come back", () => {
  const snappy = new Snappy();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.array(fc.constantFrom(1, 2), { maxLength: 500 }),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(600))
      .map(([part, times]) => Array.from({ length: times }, () => [...part]).flat()),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      const block = Buffer.from(input);
      expect(unsnapped(snappy.compress(block)).equals(block)).toBe(true);
    }),
  );
});

it("makes access lines less than half as long", () => {
  const lines = new LineBodies("text", 1000, new Random(1)).next(0);
  const block = new Snappy().compress(lines);
  expect(block.length).toBeLessThan(lines.length / 2);
  expect(unsnapped(block).equals(lines)).toBe(true);
});
