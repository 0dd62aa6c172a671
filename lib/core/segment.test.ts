import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { MalformedSegment } from "./malformed-segment.ts";
import {
  attemptLayout,
  exchangeLayout,
  type Layout,
  type RecordColumns,
} from "./record-columns.ts";
import type { TraceList } from "./segment-traces.ts";
import { packRecords, packTraces, RecordSegment, unpackRecords, unpackTraces } from "./segment.ts";

const dayUs = 86_400_000_000;
const nowUs = 1_795_000_000_000_000;

const start = fc.oneof(
  fc.integer({ min: 0, max: dayUs }).map((us) => nowUs + us),
  fc.integer({ min: 0, max: 86_400_000 }).map((ms) => nowUs + ms * 1_000),
  fc.integer({ min: 0, max: 1_000 }).map((second) => nowUs + second * 1_000_000),
  fc.integer({ min: 0, max: 2 ** 51 }),
);
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const hash = fc.oneof(
  fc.constant([0, 0] as const),
  fc.tuple(fc.constant(0), fc.integer({ min: 0, max: 3 })),
  fc.tuple(uint32, uint32),
);
/** Columns of one value, of few, of a narrow range and of any. */
const int = fc.oneof(
  fc.constant(7),
  fc.constantFrom(200, 404, 503, -1),
  fc.integer({ min: -1, max: 3_000 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

interface Row {
  readonly startUs: number;
  readonly hash: readonly [number, number];
  readonly values: readonly number[];
}

function rows(fields: number, maxLength = 120): fc.Arbitrary<Row[]> {
  return fc.array(
    fc.record({
      startUs: start,
      hash,
      values: fc.array(int, { minLength: fields, maxLength: fields }),
    }),
    { maxLength },
  );
}

function fill<Field extends string>(
  { traces }: RecordSegment,
  records: RecordColumns<Field>,
  added: readonly Row[],
): void {
  for (const {
    startUs,
    hash: [high, low],
    values,
  } of added) {
    const at = records.add(traces.placeOf(high, low, startUs));
    records.startUs[at] = startUs;
    for (const [place, field] of records.layout.fields.entries()) {
      records.columns[field][at] = values[place] ?? 0;
    }
  }
}

function segmentOf(exchanges: readonly Row[], attempts: readonly Row[] = []): RecordSegment {
  const segment = new RecordSegment();
  fill(segment, segment.exchanges, exchanges);
  fill(segment, segment.attempts, attempts);
  return segment;
}

function readBack<Field extends string>(
  segment: RecordSegment,
  records: RecordColumns<Field>,
): Row[] {
  const traces = unpackTraces(packTraces(segment.traces));
  const read = unpackRecords(records.layout, packRecords(records, segment.traces), traces);
  return Array.from({ length: read.length }, (_, at) => ({
    startUs: read.startUs[at] ?? NaN,
    hash: [
      (traces.high[read.trace[at] ?? -1] ?? NaN) >>> 0,
      (traces.low[read.trace[at] ?? -1] ?? NaN) >>> 0,
    ] as const,
    values: records.layout.fields.map((field) => read.column(field)[at] ?? NaN),
  }));
}

/** Unpacks every column. */
function readAll<Field extends string>(
  layout: Layout<Field>,
  bytes: Uint8Array,
  traces: TraceList,
): Int32Array[] {
  const records = unpackRecords(layout, bytes, traces);
  return layout.fields.map((field) => records.column(field));
}

function refusal(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (error) {
    return error;
  }
}

describe("a packed segment", () => {
  it("gives back every record of both kinds as it was added", () => {
    fc.assert(
      fc.property(
        rows(exchangeLayout.fields.length),
        rows(attemptLayout.fields.length),
        (exchanges, attempts) => {
          const segment = segmentOf(exchanges, attempts);
          expect(readBack(segment, segment.exchanges)).toEqual(exchanges);
          expect(readBack(segment, segment.attempts)).toEqual(attempts);
        },
      ),
    );
  });

  it("refuses bytes that end too soon", () => {
    fc.assert(
      fc.property(
        rows(exchangeLayout.fields.length, 30),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (added, cut) => {
          const { exchanges, traces } = segmentOf(added);
          for (const read of [packTraces(traces), packRecords(exchanges, traces)]) {
            const bytes = read.subarray(0, Math.floor(cut * read.length));
            expect(() => unpackTraces(bytes)).toThrow(MalformedSegment);
            expect(() => unpackRecords(exchangeLayout, bytes, traces)).toThrow(MalformedSegment);
          }
        },
      ),
    );
  });

  it("refuses bytes behind its end, and other versions", () => {
    const { exchanges, traces } = segmentOf([{ startUs: nowUs, hash: [1, 2], values: [] }]);
    const packed = [...packRecords(exchanges, traces)];
    const unpack = (bytes: readonly number[]) => (): unknown =>
      unpackRecords(exchangeLayout, Uint8Array.from(bytes), traces);
    expect(unpack(packed)).not.toThrow();
    expect(unpack([...packed, 0])).toThrow(MalformedSegment);
    expect(unpack([99, ...packed.slice(1)])).toThrow(MalformedSegment);
  });

  it("reads any bytes as records or refuses them, and ends", () => {
    const { traces } = segmentOf([{ startUs: nowUs, hash: [1, 2], values: [] }]);
    const packed = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(rows(exchangeLayout.fields.length, 20), fc.nat(), fc.integer({ min: 0, max: 255 }))
        .map(([added, at, byte]) => {
          const segment = segmentOf(added);
          const bytes = packRecords(segment.exchanges, segment.traces);
          bytes[at % bytes.length] = byte;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(packed, (bytes) => {
        bytes[0] = 1;
        expect(refusal(() => readAll(exchangeLayout, bytes, traces))).toSatisfy(
          (error) => error === null || error instanceof MalformedSegment,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps a trace once, however many records it has", () => {
    const many = Array.from({ length: 5_000 }, (_, at): Row => ({
      startUs: nowUs + at,
      hash: [at % 100, 9],
      values: [],
    }));
    const { traces } = segmentOf(many, many);
    expect(traces.length).toBe(101);
    expect([...traces.startUs.subarray(1, 101)]).toEqual(
      many.slice(0, 100).map(({ startUs }) => startUs),
    );
  });

  it("takes hardly anything for what is the same in every record", () => {
    const same = Array.from({ length: 4_000 }, (_, at): Row => ({
      startUs: nowUs,
      hash: [0, 0],
      values: [at * 2, ...Array<number>(11).fill(5)],
    }));
    const { exchanges, traces } = segmentOf(same);
    expect(packRecords(exchanges, traces).length).toBeLessThan(70);
  });
});
