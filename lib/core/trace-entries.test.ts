import fc from "fast-check";
import { expect, it } from "vitest";

import { entryPrefix, findEntry, TraceEntries, unpackEntries } from "./trace-entries.ts";
import { traceFingerprint } from "./trace-fingerprint.ts";
import { MalformedTraceIndex } from "./trace-list.ts";

const halves = fc.integer({ min: 0, max: 40 });
const added = fc.array(fc.record({ high: halves, low: halves, hasExchange: fc.boolean() }), {
  maxLength: 600,
});

it("gives each trace once, in order, with an exchange if any of its spans was one", () => {
  fc.assert(
    fc.property(added, (spans) => {
      const entries = new TraceEntries();
      const expected = new Map<number, boolean>();
      for (const { high, low, hasExchange } of spans) {
        entries.add(high, low, hasExchange);
        const fingerprint = traceFingerprint(high, low);
        expected.set(fingerprint, hasExchange || expected.get(fingerprint) === true);
      }
      const bytes = entries.pack();
      const list = unpackEntries(bytes, 9);
      const inOrder = [...expected].toSorted(([a], [b]) => a - b);
      expect([...list.fingerprints]).toEqual(inOrder.map(([fingerprint]) => fingerprint));
      expect([...list.exchanges]).toEqual(inOrder.map(([, isOne]) => (isOne ? 1 : 0)));
      expect([...list.blocks]).toEqual(inOrder.map(() => 9));
      for (const wanted of [...expected.keys(), 0, traceFingerprint(99, 99), 2 ** 39 - 1]) {
        const hasExchange = expected.get(wanted);
        const found = hasExchange === undefined ? null : { hasExchange };
        expect(findEntry(bytes, wanted)).toEqual(found);
        const hasPrefix = Buffer.from(bytes).includes(Buffer.from(entryPrefix(wanted)));
        expect(hasPrefix || found === null).toBe(true);
      }
    }),
  );
});

it.each([
  ["end in the middle of an entry", [0, 0, 0, 0, 2, 0]],
  ["are out of order", [0, 0, 0, 0, 4, 0, 0, 0, 0, 2]],
  ["have a trace twice", [0, 0, 0, 0, 4, 0, 0, 0, 0, 5]],
])("refuses bytes that %s", (_, bytes) => {
  expect(() => unpackEntries(Uint8Array.from(bytes), 1)).toThrow(MalformedTraceIndex);
});
