import { expect, it } from "vitest";

import { packOffsets, unpackOffsets } from "./block-times.ts";
import { MalformedSegment } from "./malformed-segment.ts";

it("gives the times of a quiet hour back, in two bytes each", () => {
  const offsets = Array.from({ length: 3_600 }, (_, at) => at * 1_000 + ((at * 7_919) % 300));
  const packed = packOffsets(offsets);
  expect([...unpackOffsets(packed, offsets.length)]).toEqual(offsets);
  expect(packed.byteLength).toBeLessThan(2 * offsets.length);
});

it("gives times back that go backwards, and none", () => {
  expect([...unpackOffsets(packOffsets([0, 5_000, -20]), 3)]).toEqual([0, 5_000, -20]);
  expect(packOffsets([])).toHaveLength(0);
  expect([...unpackOffsets(packOffsets([]), 0)]).toEqual([]);
});

it("refuses what is too short or too long", () => {
  const packed = packOffsets([0, 10, 1_000]);
  expect(() => unpackOffsets(packed.subarray(0, -1), 3)).toThrow(MalformedSegment);
  expect(() => unpackOffsets(packed, 2)).toThrow(MalformedSegment);
});
