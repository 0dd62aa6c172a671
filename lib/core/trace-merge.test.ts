import fc from "fast-check";
import { expect, it } from "vitest";

import { blocksPerTraceMax, type TraceList } from "./trace-list.ts";
import { mergeTraces } from "./trace-merge.ts";

const pageEntries = 1_000;

type Entry = readonly [fingerprint: number, block: number, exchange: number];

function listOf(entries: readonly Entry[]): TraceList {
  return {
    fingerprints: Float64Array.from(entries, ([fingerprint]) => fingerprint),
    blocks: Float64Array.from(entries, ([, block]) => block),
    exchanges: Uint8Array.from(entries, ([, , exchange]) => exchange),
  };
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted(([a, b], [c, d]) => a - c || b - d);
}

/** The entries of one list, in parts of the given length, with an empty one behind each. */
async function* partsOf(entries: readonly Entry[], length: number): AsyncGenerator<TraceList> {
  for (let from = 0; from < entries.length; from += length) {
    yield listOf(entries.slice(from, from + length));
    yield listOf([]);
  }
}

async function merged(lists: readonly AsyncIterable<TraceList>[]): Promise<Entry[][]> {
  const pages: Entry[][] = [];
  for await (const { fingerprints, blocks, exchanges } of mergeTraces(lists, () => pageEntries)) {
    pages.push(
      [...fingerprints].map((one, at): Entry => [one, blocks[at] ?? -1, exchanges[at] ?? -1]),
    );
  }
  return pages;
}

const entry = fc.tuple(fc.nat(200), fc.nat(20), fc.nat(1));
const list = fc.uniqueArray(entry, { selector: ([a, b]) => `${a} ${b}`, maxLength: 100 });

it("gives the union of the lists, in order, whatever the parts they come in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(list, { maxLength: 9 }),
      fc.integer({ min: 1, max: 40 }),
      async (lists, length) => {
        const pages = await merged(lists.map((one) => partsOf(inOrder(one), length)));
        const union = new Map<string, Entry>();
        for (const [fingerprint, block, exchange] of lists.flat()) {
          const key = `${fingerprint} ${block}`;
          union.set(key, [fingerprint, block, exchange | (union.get(key)?.[2] ?? 0)]);
        }
        expect(pages.flat()).toEqual(inOrder([...union.values()]));
      },
    ),
  );
});

it("keeps the newest blocks of a trace, all of them on one page", async () => {
  const before = Array.from({ length: pageEntries - 1 }, (_, at): Entry => [at, 1, 0]);
  const large = Array.from({ length: 300 }, (_, at): Entry => [5_000, at, 1]);
  const after: Entry[] = [[6_000, 1, 0]];
  const halves = [0, 1].map((half) => large.filter(([, block]) => block % 2 === half));
  const lists = [before, ...halves, after].map((entries) => partsOf(entries, 64));
  const pages = await merged(lists);
  expect(pages).toHaveLength(2);
  expect(pages[0]).toEqual([...before, ...large.slice(-blocksPerTraceMax)]);
  expect(pages[1]).toEqual(after);
});

it("makes pages as long as is asked for", async () => {
  const entries = Array.from({ length: 60 }, (_, at): Entry => [at, 1, 0]);
  const lengths = [10, 20, 5];
  const pages: number[] = [];
  const merging = mergeTraces([partsOf(entries, 7)], () => lengths[pages.length] ?? 100);
  for await (const { blocks } of merging) pages.push(blocks.length);
  expect(pages).toEqual([10, 20, 5, 25]);
});

it("gives nothing for nothing", async () => {
  expect(await merged([])).toEqual([]);
  expect(await merged([partsOf([], 1)])).toEqual([]);
});
