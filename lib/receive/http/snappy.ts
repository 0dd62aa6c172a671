/** The body is no block of Snappy; the message completes a sentence. */
export class NotSnappy extends Error {
  override readonly name = "NotSnappy";
}

/** What a block can grow by: a copy of 64 bytes takes three. */
const growthMax = 64 / 3;
/** Bytes that are copied one by one; a copy from what came before never has more. */
const shortMax = 64;

/** The size that a Snappy block says it has when decompressed, as far as so few bytes can tell the truth. */
export function snappySize(block: Uint8Array): number {
  const { value } = lengthOf(block);
  if (value > block.length * growthMax) throw new NotSnappy("it claims more than it can hold");
  return value;
}

/** A Snappy block (not the framed format) decompressed; throws NotSnappy where it is none. */
export function unsnapped(block: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(snappySize(block));
  let at = lengthOf(block).next;
  let filled = 0;
  while (at < block.length) {
    const tag = byteOf(block, at);
    const isLiteral = (tag & 3) === 0;
    const element = isLiteral ? literalAt(block, at) : copyAt(block, at);
    if (element.length > out.length - filled) throw new NotSnappy("it is longer than it says");
    if (isLiteral) copy(block, element.next - element.length, out, filled, element.length);
    else repeat(out, filled, element.offset, element.length);
    filled += element.length;
    at = element.next;
  }
  if (filled < out.length) throw new NotSnappy("it is cut off");
  return out;
}

interface Element {
  readonly length: number;
  /** How far back a copy is from; 0 for a literal. */
  readonly offset: number;
  /** Where the next element begins. */
  readonly next: number;
}

function literalAt(block: Uint8Array, at: number): Element {
  const short = byteOf(block, at) >> 2;
  const extra = short < 60 ? 0 : short - 59;
  const length = (extra === 0 ? short : numberAt(block, at + 1, extra)) + 1;
  const next = at + 1 + extra + length;
  if (next > block.length) throw new NotSnappy("it is cut off");
  return { length, offset: 0, next };
}

function copyAt(block: Uint8Array, at: number): Element {
  const tag = byteOf(block, at);
  const kind = tag & 3;
  if (kind === 1) {
    const offset = ((tag >> 5) << 8) | byteOf(block, at + 1);
    return { length: ((tag >> 2) & 7) + 4, offset, next: at + 2 };
  }
  const bytes = kind === 2 ? 2 : 4;
  const offset = numberAt(block, at + 1, bytes);
  return { length: (tag >> 2) + 1, offset, next: at + 1 + bytes };
}

/** Copies bytes that came before; where they overlap with what is written, they repeat. */
function repeat(out: Buffer, filled: number, offset: number, length: number): void {
  if (offset === 0 || offset > filled) throw new NotSnappy("it copies from before its beginning");
  copy(out, filled - offset, out, filled, length);
}

/** Byte by byte where a native copy would take longer, as for most elements, and where what is written is read again. */
function copy(source: Uint8Array, from: number, out: Buffer, to: number, length: number): void {
  if (length > shortMax) {
    out.set(source.subarray(from, from + length), to);
    return;
  }
  for (let place = 0; place < length; place += 1) out[to + place] = byteOf(source, from + place);
}

function lengthOf(block: Uint8Array): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = byteOf(block, at);
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new NotSnappy("its length is no number");
}

function numberAt(block: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  let scale = 1;
  for (let place = at; place < at + bytes; place += 1) {
    value += byteOf(block, place) * scale;
    scale *= 256;
  }
  return value;
}

function byteOf(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new NotSnappy("it is cut off");
  return byte;
}
