import { finished } from "node:stream/promises";

import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";

const signature = Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1");
/** Postgres counts microseconds from 2000-01-01. */
const postgresEpochUs = 946_684_800_000_000;
const twoTo32 = 4_294_967_296;

/**
 * Rows in Postgres' COPY BINARY format, written into one growing buffer.
 * Call `row(n)` and then exactly n fields, in the order of the table's column list.
 */
export class CopyRows {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;
  #rows = 0;

  constructor() {
    this.#ensure(19);
    signature.copy(this.#buffer);
    this.#buffer.fill(0, 11, 19);
    this.#length = 19;
  }

  get rows(): number {
    return this.#rows;
  }

  row(fields: number): void {
    this.#ensure(2);
    this.#length = this.#buffer.writeInt16BE(fields, this.#length);
    this.#rows += 1;
  }

  null(): void {
    this.#ensure(4);
    this.#length = this.#buffer.writeInt32BE(-1, this.#length);
  }

  boolean(value: boolean): void {
    this.#ensure(5);
    this.#length = this.#buffer.writeInt32BE(1, this.#length);
    this.#length = this.#buffer.writeUInt8(value ? 1 : 0, this.#length);
  }

  int2(value: number): void {
    this.#ensure(6);
    this.#length = this.#buffer.writeInt32BE(2, this.#length);
    this.#length = this.#buffer.writeInt16BE(value, this.#length);
  }

  int4(value: number): void {
    this.#ensure(8);
    this.#length = this.#buffer.writeInt32BE(4, this.#length);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
  }

  /** A safe integer as bigint. */
  int8(value: number): void {
    const high = Math.floor(value / twoTo32);
    this.bits64(high >>> 0, value - high * twoTo32);
  }

  /** A bigint from its two unsigned halves. */
  bits64(high: number, low: number): void {
    this.#ensure(12);
    this.#length = this.#buffer.writeInt32BE(8, this.#length);
    this.#length = this.#buffer.writeUInt32BE(high, this.#length);
    this.#length = this.#buffer.writeUInt32BE(low, this.#length);
  }

  /** A timestamptz from epoch microseconds. */
  timestamp(epochUs: number): void {
    this.int8(epochUs - postgresEpochUs);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#ensure(4 + bytes);
    this.#length = this.#buffer.writeInt32BE(bytes, this.#length);
    this.#length += this.#buffer.write(value, this.#length);
  }

  jsonb(value: unknown): void {
    const text = `\u0001${JSON.stringify(value)}`;
    this.text(text);
  }

  bytes(value: Uint8Array): void {
    this.#ensure(4 + value.byteLength);
    this.#length = this.#buffer.writeInt32BE(value.byteLength, this.#length);
    this.#buffer.set(value, this.#length);
    this.#length += value.byteLength;
  }

  int2Array(values: readonly number[]): void {
    this.#array(values, 21, 2);
    for (const value of values) this.int2(value);
  }

  int8Array(values: readonly number[]): void {
    this.#array(values, 20, 8);
    for (const value of values) this.int8(value);
  }

  /** The whole COPY stream with its end mark. */
  finish(): Buffer {
    this.#ensure(2);
    this.#length = this.#buffer.writeInt16BE(-1, this.#length);
    return this.#buffer.subarray(0, this.#length);
  }

  #array(values: readonly number[], elementOid: number, elementBytes: number): void {
    const empty = values.length === 0;
    this.#ensure(24);
    const bytes = empty ? 12 : 20 + values.length * (4 + elementBytes);
    this.#length = this.#buffer.writeInt32BE(bytes, this.#length);
    this.#length = this.#buffer.writeInt32BE(empty ? 0 : 1, this.#length);
    this.#length = this.#buffer.writeInt32BE(0, this.#length);
    this.#length = this.#buffer.writeInt32BE(elementOid, this.#length);
    if (empty) return;
    this.#length = this.#buffer.writeInt32BE(values.length, this.#length);
    this.#length = this.#buffer.writeInt32BE(1, this.#length);
  }

  #ensure(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.byteLength * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Appends the rows to a table by COPY; the columns are those of each row's fields, in order. */
export async function copyInto(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  rows: CopyRows,
): Promise<void> {
  if (rows.rows === 0) return;
  const names = columns.map((column) => `"${column}"`).join(", ");
  const stream = client.query(copyFrom(`COPY "${table}" (${names}) FROM STDIN (FORMAT binary)`));
  stream.end(rows.finish());
  await finished(stream);
}
