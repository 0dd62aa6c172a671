import * as fc from "fast-check";
import { expect, it } from "vitest";

import { Best } from "./best.ts";

const ascending = (a: number, b: number): number => a - b;

it("keeps what sorting and cutting would keep", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500), { maxLength: 600 }),
      fc.integer({ min: 1, max: 20 }),
      (items, max) => {
        const best = new Best<number>(max, ascending);
        for (const item of items) best.add(item);
        expect(best.sorted()).toEqual(items.toSorted(ascending).slice(0, max));
      },
    ),
  );
});

it("tells what others must be better than once it is full", () => {
  const best = new Best<number>(2, ascending);
  best.add(9);
  best.sorted();
  expect(best.bound).toBeNull();
  best.add(5);
  best.add(7);
  best.sorted();
  expect(best.bound).toBe(7);
});
