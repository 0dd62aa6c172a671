import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { MalformedTraceIndex, type TraceList } from "./trace-list.ts";
import { findInPage, packPage, unpackPage } from "./trace-page.ts";

const fingerprint = fc.oneof(
  fc.nat({ max: 50 }),
  fc.integer({ min: 0, max: 2 ** 39 - 1 }),
  fc.constantFrom(0, 2 ** 39 - 1),
);
const second = fc.oneof(fc.integer({ min: 59_000_000, max: 59_000_020 }), fc.nat(2 ** 30 - 1));
const blockId = fc
  .tuple(second, fc.nat(3), fc.nat(8_191))
  .map(([time, process, count]) => (time * 1_024 + process) * 8_192 + count);
const entry = fc.record({ fingerprint, blockId, exchange: fc.nat(1) });

/** Blocks are chosen among few or many, as pages list them or not. */
const lists = fc
  .array(blockId, { minLength: 1, maxLength: 5 })
  .chain((few) =>
    fc.array(fc.oneof(entry, fc.record({ ...entryOf(few), fingerprint })), { maxLength: 300 }),
  )
  .map((entries) =>
    listOf(entries.toSorted((a, b) => a.fingerprint - b.fingerprint || a.blockId - b.blockId)),
  );

function entryOf(few: readonly number[]) {
  return { blockId: fc.constantFrom(...few), exchange: fc.nat(1) };
}

interface Entry {
  readonly fingerprint: number;
  readonly blockId: number;
  readonly exchange: number;
}

function listOf(entries: readonly Entry[]): TraceList {
  return {
    fingerprints: Float64Array.from(entries, (one) => one.fingerprint),
    blocks: Float64Array.from(entries, (one) => one.blockId),
    exchanges: Uint8Array.from(entries, (one) => one.exchange),
  };
}

describe("a page", () => {
  it("is read as it was written, and finds the blocks of every trace on it and no others", () => {
    fc.assert(
      fc.property(lists, fingerprint, (list, other) => {
        const bytes = packPage(list);
        expect(unpackPage(bytes)).toEqual(list);
        for (const wanted of new Set([...list.fingerprints, other])) {
          const hits = [...list.fingerprints].flatMap((one, place) =>
            one === wanted
              ? [{ blockId: list.blocks[place], hasExchange: list.exchanges[place] === 1 }]
              : [],
          );
          expect(findInPage(bytes, wanted)).toEqual(hits);
        }
      }),
    );
  });

  it("refuses any bytes that it is not, in one way", () => {
    fc.assert(
      fc.property(lists, fc.array(fc.tuple(fc.nat(), fc.nat(255))), fc.nat(), (list, hits, cut) => {
        const bytes = packPage(list);
        for (const [at, byte] of hits) bytes[at % bytes.length] = byte;
        for (const read of [unpackPage, (page: Uint8Array) => findInPage(page, 7)]) {
          const error = errorOf(() => read(bytes.subarray(0, bytes.length - (cut % bytes.length))));
          expect(error === null || error instanceof MalformedTraceIndex).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["nothing", () => new Uint8Array()],
    ["another version", () => Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ["a page that is cut", () => pageOfThree().slice(0, -1)],
    ["a page with more behind it", () => Uint8Array.of(...pageOfThree(), 0)],
  ])("is not %s", (_, bytes) => {
    expect(() => unpackPage(bytes())).toThrow(MalformedTraceIndex);
  });

  it("takes five bytes an entry where a day has a million traces in blocks of every second", () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const entries = Array.from({ length: 2_048 }, (_unused, place) => ({
      fingerprint: Math.floor((place + random()) * (2 ** 39 / 1e6)),
      blockId: (59_000_000 + Math.floor(random() * 86_400)) * 8_388_608 + 3 * 8_192,
      exchange: random() < 0.7 ? 1 : 0,
    }));
    expect(packPage(listOf(entries)).byteLength / entries.length).toBeLessThan(5);
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

function pageOfThree(): Uint8Array {
  return packPage(
    listOf([1_000, 2 ** 30, 2 ** 38].map((at) => ({ fingerprint: at, blockId: 5, exchange: 1 }))),
  );
}
