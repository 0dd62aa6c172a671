import * as fc from "fast-check";
import { expect, it } from "vitest";

import { eachCell, packCells } from "./cells.ts";

const cells = fc
  .uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 60 })
  .chain((numbers) =>
    fc.tuple(
      fc.constant(numbers.toSorted((a, b) => a - b)),
      fc.array(fc.maxSafeNat(), { minLength: numbers.length, maxLength: numbers.length }),
    ),
  );

function read(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = [];
  eachCell(bytes, (number, count) => found.push([number, count]));
  return found;
}

it("gives back what was packed, also of lists put one behind another", () => {
  fc.assert(
    fc.property(fc.array(cells, { maxLength: 5 }), (lists) => {
      const packed = lists.map(([numbers, counts]) => Buffer.from(packCells(numbers, counts)));
      const expected = lists.flatMap(([numbers, counts]) =>
        numbers.map((number, at) => [number, counts[at] ?? 0]),
      );
      expect(read(Buffer.concat(packed))).toEqual(expected);
    }),
  );
});

it("takes few bytes: about two for a cell of a usual sketch", () => {
  const numbers = Array.from({ length: 120 }, (_, at) => 300 + at * 2);
  expect(packCells(numbers, Array<number>(120).fill(9)).length).toBeLessThan(250);
});

it("refuses bytes that end in the middle", () => {
  expect(() => read(packCells([5], [300]).subarray(0, 2))).toThrow(RangeError);
});
