import { freeBytes } from "./free-bytes.ts";
import { MalformedSegment } from "./malformed-segment.ts";
import {
  attemptLayout,
  exchangeLayout,
  RecordColumns,
  type AttemptField,
  type ExchangeField,
  type Layout,
  type Records,
} from "./record-columns.ts";
import { SegmentTraces, type TraceList } from "./segment-traces.ts";
import { readInts, readSteps, writeInts, writeSteps } from "./segment/int-column.ts";
import { PackedReader } from "./segment/packed-reader.ts";
import { PackedWriter } from "./segment/packed-writer.ts";
import { readStarts, writeStarts } from "./segment/start-column.ts";

/** The first byte of everything packed here. A later version reads the earlier ones. */
const version = 1;

/** Records of one kind in a segment, so that nothing that reads one holds more than a megabyte of it. */
export const segmentRecordsMax = 16_384;

/** The exchanges and attempts of one block that began in the same hour, while they are being added. */
export class RecordSegment {
  readonly traces = new SegmentTraces();
  readonly exchanges = new RecordColumns<ExchangeField>(exchangeLayout);
  readonly attempts = new RecordColumns<AttemptField>(attemptLayout);

  get isFull(): boolean {
    return this.exchanges.length >= segmentRecordsMax || this.attempts.length >= segmentRecordsMax;
  }

  /** Gives the memory back; nothing can be read or added then. */
  free(): void {
    this.traces.free();
    this.exchanges.free();
    this.attempts.free();
  }
}

/** The traces as bytes, which nothing makes smaller: hashes are random. */
export function packTraces({ length, high, low, startUs }: TraceList): Uint8Array {
  const writer = begun(length);
  writeInts(writer, high, length);
  writeInts(writer, low, length);
  writeStarts(writer, startUs, length);
  return writer.finish();
}

/** Reads what `packTraces` wrote; throws MalformedSegment for anything else. */
export function unpackTraces(bytes: Uint8Array): TraceList {
  const { reader, length } = opened(bytes, 2 * segmentRecordsMax + 1);
  const high = readInts(reader, length);
  const low = readInts(reader, length);
  const startUs = readStarts(reader, length);
  reader.end();
  return { length, high, low, startUs };
}

/** The records as bytes that compress well; those of a trace tell only how long after it they began. */
export function packRecords<Field extends string>(
  records: RecordColumns<Field>,
  traces: TraceList,
): Uint8Array {
  const { length, startUs, trace, columns, layout } = records;
  const writer = begun(length);
  const sinceUs = new Float64Array(length);
  for (let at = 0; at < length; at += 1) {
    sinceUs[at] = (startUs[at] ?? 0) - (traces.startUs[trace[at] ?? 0] ?? 0);
  }
  writeSteps(writer, trace, length);
  writeStarts(writer, sinceUs, length);
  freeBytes(sinceUs);
  const column = new PackedWriter();
  for (const field of layout.fields) {
    if (field === "position") writeSteps(column, columns[field], length);
    else writeInts(column, columns[field], length);
    writer.part(column.takePart());
  }
  column.free();
  return writer.finish();
}

/** Reads what `packRecords` wrote of the same layout and traces; throws MalformedSegment for anything else. */
export function unpackRecords<Field extends string>(
  layout: Layout<Field>,
  bytes: Uint8Array,
  traces: TraceList,
): Records<Field> {
  const { reader, length } = opened(bytes, segmentRecordsMax);
  const trace = readSteps(reader, length);
  const startUs = readStarts(reader, length);
  for (let at = 0; at < length; at += 1) {
    const begunUs = traces.startUs[trace[at] ?? 0];
    if (begunUs === undefined) {
      throw new MalformedSegment("A record names no trace of its segment.");
    }
    startUs[at] = (startUs[at] ?? 0) + begunUs;
  }
  const parts = new Map(layout.fields.map((field) => [field, reader.part()]));
  reader.end();
  return new UnpackedRecords(length, startUs, trace, parts);
}

/** Unpacks a column when it is first asked for: most questions look at a few of them. */
class UnpackedRecords<Field extends string> implements Records<Field> {
  readonly length: number;
  readonly startUs: Float64Array;
  readonly trace: Int32Array;
  readonly #parts: ReadonlyMap<Field, Uint8Array>;
  readonly #columns = new Map<Field, Int32Array>();

  constructor(
    length: number,
    startUs: Float64Array,
    trace: Int32Array,
    parts: ReadonlyMap<Field, Uint8Array>,
  ) {
    this.length = length;
    this.startUs = startUs;
    this.trace = trace;
    this.#parts = parts;
  }

  column(field: Field): Int32Array {
    let column = this.#columns.get(field);
    if (column === undefined) {
      const reader = new PackedReader(this.#parts.get(field) ?? new Uint8Array());
      column =
        field === "position" ? readSteps(reader, this.length) : readInts(reader, this.length);
      reader.end();
      this.#columns.set(field, column);
    }
    return column;
  }
}

function begun(length: number): PackedWriter {
  const writer = new PackedWriter();
  writer.byte(version);
  writer.natural(length);
  return writer;
}

function opened(
  bytes: Uint8Array,
  lengthMax: number,
): { readonly reader: PackedReader; readonly length: number } {
  const reader = new PackedReader(bytes);
  const found = reader.byte();
  if (found !== version) throw new MalformedSegment(`A segment has the unknown version ${found}.`);
  const length = reader.natural();
  if (length > lengthMax) throw new MalformedSegment(`A segment has ${length} records.`);
  return { reader, length };
}
