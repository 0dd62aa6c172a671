/** Of the message that holds the rows: a letter and its length, which is told when it is known. */
const messageHead = Buffer.from([0x64, 0, 0, 0, 0]);
const signature = Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1");
const flagsAndExtension = Buffer.alloc(8);
const streamHead = Buffer.concat([messageHead, signature, flagsAndExtension]);
/** No further row; then the message that no more rows come. */
const streamEnd = Buffer.from([0xff, 0xff, 0x63, 0, 0, 0, 4]);
/** Postgres counts microseconds from 2000-01-01. */
const postgresEpochUs = 946_684_800_000_000;
const twoTo32 = 4_294_967_296;

/** Buffers that grew to the size of a batch are used again: each batch would grow its own otherwise. */
const spareBuffers: Buffer[] = [];
const spareBuffersMax = 8;
const spareBytesMax = 1 << 23;
const firstBytes = 1 << 16;
const noBuffer = Buffer.alloc(0);
const noView = new DataView(new ArrayBuffer(0));

/**
 * Rows in Postgres' COPY BINARY format, written into one growing buffer as the messages that a COPY waits for.
 * Call `row(n)` and then exactly n fields, in the order of the table's column list.
 */
export class CopyRows {
  /** None before the first row: of many that a commit begins, few get any. */
  #buffer: Buffer = noBuffer;
  /** The hot path writes through it: unlike Buffer's methods its setters are inlined. */
  #view: DataView = noView;
  #length = 0;
  #rows = 0;

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
    const { byteLength } = this.#buffer;
    if (spareBuffers.length < spareBuffersMax && byteLength > 0 && byteLength <= spareBytesMax) {
      spareBuffers.push(this.#buffer);
    }
    this.#buffer = noBuffer;
    this.#view = noView;
  }

  /** The messages, as they follow their COPY. */
  finish(): Buffer {
    this.#ensure(streamEnd.length);
    const bytes = this.#length + streamEnd.copy(this.#buffer, this.#length);
    // Neither the letter in front nor the last message counts as part of the first.
    this.#view.setInt32(1, this.#length + 1);
    return this.#buffer.subarray(0, bytes);
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
    if (this.#length === 0) this.#begin();
    const needed = this.#length + more;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.byteLength * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }

  #begin(): void {
    this.#buffer = spareBuffers.pop() ?? Buffer.allocUnsafe(firstBytes);
    this.#view = viewOf(this.#buffer);
    this.#length = streamHead.copy(this.#buffer);
  }
}

/** Room kept behind a field of any width for the fixed ones of its row, which do not look for room. */
const fieldsSlack = 64 * 12;

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
