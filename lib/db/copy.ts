import { finished } from "node:stream/promises";

import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";

const signature = Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1");
/** Postgres counts microseconds from 2000-01-01. */
const postgresEpochUs = 946_684_800_000_000;
const twoTo32 = 4_294_967_296;

/** Buffers that grew to the size of a batch are used again: each batch would grow its own otherwise. */
const spareBuffers: Buffer[] = [];
const spareBuffersMax = 16;
const spareBytesMax = 1 << 23;
const noBuffer = Buffer.alloc(0);

/**
 * Rows in Postgres' COPY BINARY format, written into one growing buffer.
 * Call `row(n)` and then exactly n fields, in the order of the table's column list.
 */
export class CopyRows {
  #buffer = spareBuffers.pop() ?? Buffer.allocUnsafe(1 << 16);
  /** The hot path writes through it: unlike Buffer's methods its setters are inlined. */
  #view = viewOf(this.#buffer);
  #length = 19;
  #rows = 0;

  constructor() {
    signature.copy(this.#buffer);
    this.#buffer.fill(0, 11, 19);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Begins a row; fields of fixed width then need no further look at the room. */
  row(fields: number): void {
    this.#ensure(2 + fields * 12);
    this.#view.setInt16(this.#length, fields);
    this.#length += 2;
    this.#rows += 1;
  }

  null(): void {
    this.#view.setInt32(this.#length, -1);
    this.#length += 4;
  }

  boolean(value: boolean): void {
    this.#view.setInt32(this.#length, 1);
    this.#view.setUint8(this.#length + 4, value ? 1 : 0);
    this.#length += 5;
  }

  int2(value: number): void {
    this.#view.setInt32(this.#length, 2);
    this.#view.setInt16(this.#length + 4, value);
    this.#length += 6;
  }

  int4(value: number): void {
    this.#view.setInt32(this.#length, 4);
    this.#view.setInt32(this.#length + 4, value);
    this.#length += 8;
  }

  /** A safe integer as bigint. */
  int8(value: number): void {
    const high = Math.floor(value / twoTo32);
    this.bits64(high, value - high * twoTo32);
  }

  /** A bigint from its two halves. */
  bits64(high: number, low: number): void {
    this.#view.setInt32(this.#length, 8);
    this.#view.setInt32(this.#length + 4, high);
    this.#view.setUint32(this.#length + 8, low);
    this.#length += 12;
  }

  double(value: number): void {
    this.#view.setInt32(this.#length, 8);
    this.#view.setFloat64(this.#length + 4, value);
    this.#length += 12;
  }

  /** A timestamptz from epoch microseconds. */
  timestamp(epochUs: number): void {
    this.int8(epochUs - postgresEpochUs);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#ensure(bytes + fieldsSlack);
    this.#view.setInt32(this.#length, bytes);
    this.#length += 4;
    this.#length += this.#buffer.write(value, this.#length);
  }

  jsonb(value: unknown): void {
    this.text(`\u0001${JSON.stringify(value)}`);
  }

  bytes(value: Uint8Array): void {
    this.#ensure(value.byteLength + fieldsSlack);
    this.#view.setInt32(this.#length, value.byteLength);
    this.#buffer.set(value, this.#length + 4);
    this.#length += 4 + value.byteLength;
  }

  int2Array(values: readonly number[]): void {
    this.#array(values, 21, 2);
    for (const value of values) this.int2(value);
  }

  int4Array(values: readonly number[]): void {
    this.#array(values, 23, 4);
    for (const value of values) this.int4(value);
  }

  int8Array(values: readonly number[]): void {
    this.#array(values, 20, 8);
    for (const value of values) this.int8(value);
  }

  /** Gives the buffer to rows to come; these rows must not be used again. */
  release(): void {
    if (spareBuffers.length < spareBuffersMax && this.#buffer.byteLength <= spareBytesMax) {
      spareBuffers.push(this.#buffer);
    }
    this.#buffer = noBuffer;
  }

  /** The whole COPY stream with its end mark. */
  finish(): Buffer {
    this.#ensure(2);
    this.#length = this.#buffer.writeInt16BE(-1, this.#length);
    return this.#buffer.subarray(0, this.#length);
  }

  #array(values: readonly number[], elementOid: number, elementBytes: number): void {
    const empty = values.length === 0;
    const bytes = empty ? 12 : 20 + values.length * (4 + elementBytes);
    this.#ensure(bytes + fieldsSlack);
    for (const word of [bytes, empty ? 0 : 1, 0, elementOid]) {
      this.#view.setInt32(this.#length, word);
      this.#length += 4;
    }
    if (empty) return;
    this.#view.setInt32(this.#length, values.length);
    this.#view.setInt32(this.#length + 4, 1);
    this.#length += 8;
  }

  #ensure(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.byteLength * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

/** Room kept behind a field of any width for the fixed ones of its row, which do not look for room. */
const fieldsSlack = 64 * 12;

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Appends the rows to a table by COPY and releases them; the columns are those of each row's fields, in order. */
export async function copyInto(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  rows: CopyRows,
): Promise<void> {
  if (rows.rows === 0) {
    rows.release();
    return;
  }
  const names = columns.map((column) => `"${column}"`).join(", ");
  const stream = client.query(copyFrom(`COPY "${table}" (${names}) FROM STDIN (FORMAT binary)`));
  stream.end(rows.finish());
  await finished(stream);
  // Not after a failure: the socket may still hold on to the bytes then.
  rows.release();
}
