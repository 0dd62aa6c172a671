import { freeBytes } from "./free-bytes.ts";
import type { Relation } from "./relations.ts";
import { TextNumbers } from "./text-numbers.ts";

/**
 * What a row tells of. Spans that are neither exchange nor attempt are rows too: they lead from one to the other, or to
 * their trace. An attempt is a span, to be joined to its exchange; one that is told stands in the record of its exchange.
 */
export const rowRoles = { other: 0, internal: 1, exchange: 2, attempt: 3, toldAttempt: 4 } as const;

/** The kinds of names that rows have. */
export const rowNameKinds = ["proxy", "upstream", "endpoint", "module"] as const;
export type RowNameKind = (typeof rowNameKinds)[number];

/** A retry, failover or fallback among the attempts that one record tells of; proxy and upstreams by their numbers. */
export interface RowRelation extends Relation<number> {
  readonly proxy: number;
}

/** The columns of rows: words are codes (codes.ts), names are numbers of the rows' own lists, 0 is none and -1 not measured. */
export interface RowColumns {
  readonly startUs: Float64Array;
  readonly durationUs: Float64Array;
  /** Of the answer. */
  readonly bytes: Float64Array;
  /** The last 8 bytes of the trace id. */
  readonly traceHigh: Uint32Array;
  readonly traceLow: Uint32Array;
  readonly spanHigh: Uint32Array;
  readonly spanLow: Uint32Array;
  readonly parentHigh: Uint32Array;
  readonly parentLow: Uint32Array;
  /** Ordinal of the record in its payload. */
  readonly position: Int32Array;
  readonly proxy: Int32Array;
  readonly module: Int32Array;
  readonly upstream: Int32Array;
  readonly endpoint: Int32Array;
  /** Attempts at the same thing have the same call. */
  readonly call: Int32Array;
  readonly status: Int32Array;
  /** Of an attempt: its place in the record that tells of it; 0 for a span, which is one attempt. */
  readonly ordinal: Int32Array;
  readonly role: Uint8Array;
  readonly errorType: Uint8Array;
  /** Of an exchange: why the client's handshake failed; of an attempt: the upstream's. */
  readonly tlsReason: Uint8Array;
  readonly cache: Uint8Array;
  readonly moduleEndpoint: Uint8Array;
  readonly failed: Uint8Array;
  readonly canceled: Uint8Array;
}

/** The names of rows by their numbers; of one request, or shared by many of one project. */
export type RowNames = Readonly<Record<RowNameKind, TextNumbers>>;

/** No names yet. */
export function noRowNames(): RowNames {
  return {
    proxy: new TextNumbers(),
    upstream: new TextNumbers(),
    endpoint: new TextNumbers(),
    module: new TextNumbers(),
  };
}

/** Rows as plain data, which may outlive this process. */
export interface PlainRows {
  readonly length: number;
  readonly columns: RowColumns;
  readonly names: Readonly<Record<RowNameKind, readonly string[]>>;
  readonly relations: readonly RowRelation[];
}

const roomMin = 16;
const rowBytes = 3 * 8 + 14 * 4 + 7;

/**
 * Records of one request as columns of numbers, so that what waits for its commit is a few arrays and not thousands of
 * objects: the garbage collector copies what lives, and a record lives for as long as its commit takes.
 */
export class RecordRows {
  /** Replaced when a row is added that there was no room for. */
  columns: RowColumns;
  length = 0;
  readonly names: RowNames;
  readonly relations: RowRelation[] = [];
  #room: number;

  /** `rowsExpected` may be any guess. */
  constructor(rowsExpected: number, names: RowNames = noRowNames()) {
    this.names = names;
    this.#room = Math.max(roomMin, rowsExpected);
    this.columns = columnsFor(this.#room);
  }

  /** Rows that were made plain; throws RangeError for what is no such thing. */
  static of({ length, columns, names, relations }: PlainRows): RecordRows {
    const rows = new RecordRows(length);
    copyInto(rows.columns, columns, length);
    rows.length = length;
    for (const kind of rowNameKinds) names[kind].forEach((text) => rows.names[kind].numberOf(text));
    rows.relations.push(...relations);
    return rows;
  }

  /** Adds a row with a role and a position, and zeros otherwise; gives its place. */
  add(role: number, position: number): number {
    if (this.length === this.#room) this.#grow();
    const at = this.length;
    this.length += 1;
    this.columns.role[at] = role;
    this.columns.position[at] = position;
    return at;
  }

  /** With those names only that these rows have. */
  plain(): PlainRows {
    const columns = columnsFor(this.length);
    copyInto(columns, this.columns, this.length);
    const relationsBy = (side: "proxy" | "from" | "to"): Int32Array =>
      Int32Array.from(this.relations, (relation) => relation[side]);
    const [proxies, from, to] = [relationsBy("proxy"), relationsBy("from"), relationsBy("to")];
    const names = {
      proxy: compacted(this.names.proxy.texts, [columns.proxy, proxies]),
      upstream: compacted(this.names.upstream.texts, [columns.upstream, from, to]),
      endpoint: compacted(this.names.endpoint.texts, [columns.endpoint]),
      module: compacted(this.names.module.texts, [columns.module]),
    };
    const relations = this.relations.map((relation, place) => ({
      ...relation,
      proxy: proxies[place] ?? 0,
      from: from[place] ?? 0,
      to: to[place] ?? 0,
    }));
    return { length: this.length, columns, names, relations };
  }

  /** Gives the memory back; there are no rows then. */
  free(): void {
    freeBytes(new Uint8Array(this.columns.startUs.buffer));
    this.columns = noColumns;
    this.#room = 0;
    this.length = 0;
  }

  #grow(): void {
    this.#room = Math.max(roomMin, 2 * this.#room);
    const columns = columnsFor(this.#room);
    copyInto(columns, this.columns, this.length);
    this.columns = columns;
  }
}

/** Those of the texts whose numbers stand in the columns, which get the numbers of their places counted from 1. */
function compacted(texts: readonly string[], columns: readonly Int32Array[]): string[] {
  const numbers = new Int32Array(texts.length + 1);
  for (const column of columns) for (const number of column) numbers[number] = 1;
  const used = texts.filter((_, place) => numbers[place + 1] === 1);
  let last = 0;
  for (let number = 1; number < numbers.length; number += 1) {
    if (numbers[number] === 1) numbers[number] = last += 1;
  }
  numbers[0] = 0;
  for (const column of columns) {
    column.forEach((number, at) => (column[at] = numbers[number] ?? 0));
  }
  return used;
}

/** Columns of zeros, side by side in one buffer: the widest first, so that each is aligned. */
function columnsFor(room: number): RowColumns {
  const even = room + (room & 1);
  const buffer = new ArrayBuffer(even * rowBytes);
  let end = 0;
  const next = (width: number): number => {
    const start = end;
    end += even * width;
    return start;
  };
  const doubles = (): Float64Array => new Float64Array(buffer, next(8), room);
  const unsigned = (): Uint32Array => new Uint32Array(buffer, next(4), room);
  const signed = (): Int32Array => new Int32Array(buffer, next(4), room);
  const byte = (): Uint8Array => new Uint8Array(buffer, next(1), room);
  return {
    startUs: doubles(),
    durationUs: doubles(),
    bytes: doubles(),
    traceHigh: unsigned(),
    traceLow: unsigned(),
    spanHigh: unsigned(),
    spanLow: unsigned(),
    parentHigh: unsigned(),
    parentLow: unsigned(),
    position: signed(),
    proxy: signed(),
    module: signed(),
    upstream: signed(),
    endpoint: signed(),
    call: signed(),
    status: signed(),
    ordinal: signed(),
    role: byte(),
    errorType: byte(),
    tlsReason: byte(),
    cache: byte(),
    moduleEndpoint: byte(),
    failed: byte(),
    canceled: byte(),
  };
}

const noColumns = columnsFor(0);

const columnNames = [
  "startUs",
  "durationUs",
  "bytes",
  "traceHigh",
  "traceLow",
  "spanHigh",
  "spanLow",
  "parentHigh",
  "parentLow",
  "position",
  "proxy",
  "module",
  "upstream",
  "endpoint",
  "call",
  "status",
  "ordinal",
  "role",
  "errorType",
  "tlsReason",
  "cache",
  "moduleEndpoint",
  "failed",
  "canceled",
] as const satisfies readonly (keyof RowColumns)[];

function copyInto(to: RowColumns, from: RowColumns, length: number): void {
  for (const name of columnNames) to[name].set(from[name].subarray(0, length));
}
