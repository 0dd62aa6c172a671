import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { memberAt, packMembers, unpackMembers } from "./block-members.ts";
import { MalformedSegment } from "./malformed-segment.ts";

const second = 1_024 * 8_192;
const member = fc.record({
  id: fc.integer({ min: 0, max: 40 * 365 * 86_400 * second }),
  records: fc.integer({ min: 0, max: 4_096 }),
  bytes: fc.integer({ min: 0, max: 2_147_483_647 }),
});

describe("the members of a merged block", () => {
  it("come back as they were packed, each behind those before it", () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 200 }), (members) => {
        let [firstPosition, firstByte] = [0, 0];
        const placed = members.map((one) => {
          const here = { ...one, firstPosition, firstByte };
          firstPosition += one.records;
          firstByte += one.bytes;
          return here;
        });
        expect(unpackMembers(packMembers(members))).toEqual(placed);
      }),
    );
  });

  it("of one process that sends a request a second take at most four bytes", () => {
    const members = Array.from({ length: 3_000 }, (_, at) => ({
      id: (90_000_000 + at) * second + 7 * 8_192,
      records: 6,
      bytes: 1_800 + ((at * 37) % 400),
    }));
    expect(packMembers(members).length).toBeLessThan(4 * 3_000);
  });

  it("tell in which of them a record stands, whichever are empty", () => {
    const placed = unpackMembers(
      packMembers([2, 0, 3].map((records, at) => ({ id: at + 1, records, bytes: 10 }))),
    );
    expect([0, 1, 2, 4].map((position) => memberAt(placed, position)?.id)).toEqual([1, 1, 3, 3]);
    expect(memberAt([], 0)).toBeUndefined();
  });

  it("are refused when their bytes are not whole", () => {
    const packed = packMembers([{ id: 1, records: 1, bytes: 1 }]);
    for (const bytes of [packed.subarray(0, -1), Uint8Array.of(9, 0), Uint8Array.of(...packed, 0)])
      expect(() => unpackMembers(bytes)).toThrow(MalformedSegment);
  });
});
