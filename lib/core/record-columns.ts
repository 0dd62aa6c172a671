import { freeBytes } from "./free-bytes.ts";

/** Records as columns of numbers: a record is a place in all of them. */
export interface Records<Field extends string> {
  readonly length: number;
  /** Whole epoch microseconds. */
  readonly startUs: Float64Array;
  /** Place in the list of the segment's traces; 0 is none. */
  readonly trace: Int32Array;
  /** At least as long as there are records. */
  column(field: Field): Int32Array;
}

/** The columns of one kind of records. */
export interface Layout<Field extends string> {
  /** In the order in which they are stored. */
  readonly fields: readonly Field[];
  columns(columnOf: (field: Field) => Int32Array): Record<Field, Int32Array>;
}

const exchangeFields = [
  "position",
  "durationUs",
  "bytes",
  "proxyId",
  "moduleId",
  "status",
  "source",
  "errorType",
  "cache",
  "moduleEndpoint",
  "clientTlsReason",
  "failed",
] as const;
export type ExchangeField = (typeof exchangeFields)[number];

/**
 * What is searched of an exchange. Words are codes (codes.ts) and names are their numbers; 0 is none.
 * durationUs, bytes: -1 when not measured. position: its ordinal within the block. failed: 1 where it did.
 */
export const exchangeLayout: Layout<ExchangeField> = {
  fields: exchangeFields,
  columns: (columnOf) => ({
    position: columnOf("position"),
    durationUs: columnOf("durationUs"),
    bytes: columnOf("bytes"),
    proxyId: columnOf("proxyId"),
    moduleId: columnOf("moduleId"),
    status: columnOf("status"),
    source: columnOf("source"),
    errorType: columnOf("errorType"),
    cache: columnOf("cache"),
    moduleEndpoint: columnOf("moduleEndpoint"),
    clientTlsReason: columnOf("clientTlsReason"),
    failed: columnOf("failed"),
  }),
};

const attemptFields = [
  "position",
  "durationUs",
  "proxyId",
  "upstreamId",
  "endpointId",
  "ordinal",
  "status",
  "source",
  "errorType",
  "tlsReason",
  "failed",
] as const;
export type AttemptField = (typeof attemptFields)[number];

/** The same of an attempt. position: of the line that it stands in, or of its span; ordinal: its place in the line. */
export const attemptLayout: Layout<AttemptField> = {
  fields: attemptFields,
  columns: (columnOf) => ({
    position: columnOf("position"),
    durationUs: columnOf("durationUs"),
    proxyId: columnOf("proxyId"),
    upstreamId: columnOf("upstreamId"),
    endpointId: columnOf("endpointId"),
    ordinal: columnOf("ordinal"),
    status: columnOf("status"),
    source: columnOf("source"),
    errorType: columnOf("errorType"),
    tlsReason: columnOf("tlsReason"),
    failed: columnOf("failed"),
  }),
};

/** What exchanges and attempts have in common. */
export type RecordField = ExchangeField & AttemptField;

const roomMin = 64;

/** Records that are being added; the columns are longer than `length` and replaced when they are full. */
export class RecordColumns<Field extends string> implements Records<Field> {
  length = 0;
  startUs: Float64Array = new Float64Array(roomMin);
  trace: Int32Array = new Int32Array(roomMin);
  columns: Record<Field, Int32Array>;
  readonly layout: Layout<Field>;

  constructor(layout: Layout<Field>) {
    this.layout = layout;
    this.columns = layout.columns(() => new Int32Array(roomMin));
  }

  column(field: Field): Int32Array {
    return this.columns[field];
  }

  /** Adds a record of zeros and gives its place, for the caller to fill when it began and its columns. */
  add(trace: number): number {
    const at = this.length;
    if (at === this.startUs.length) this.#grow();
    this.length += 1;
    this.trace[at] = trace;
    return at;
  }

  /** Gives the memory back; nothing can be read or added then. */
  free(): void {
    for (const values of [this.startUs, this.trace]) freeBytes(values);
    for (const field of this.layout.fields) freeBytes(this.columns[field]);
  }

  #grow(): void {
    const room = this.length * 2;
    const startUs = new Float64Array(room);
    startUs.set(this.startUs);
    freeBytes(this.startUs);
    this.startUs = startUs;
    this.trace = grown(this.trace, room);
    const before = this.columns;
    this.columns = this.layout.columns((field) => grown(before[field], room));
  }
}

function grown(values: Int32Array, room: number): Int32Array {
  const larger = new Int32Array(room);
  larger.set(values);
  freeBytes(values);
  return larger;
}
