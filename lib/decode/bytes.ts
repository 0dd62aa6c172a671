/** A payload, to read bytes or whole numbers from. */
export interface Bytes {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** The same bytes, always of one class, whatever came, so that reading one stays one step; and it makes strings. */
export function bytesOf({ buffer, byteOffset, length }: Uint8Array): Bytes {
  return {
    bytes: Buffer.from(buffer, byteOffset, length),
    view: new DataView(buffer, byteOffset, length),
  };
}

/** The byte at a place that the caller knows to be inside the array. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Whether so many bytes, four or more, are the same at both places. Reads four at a time, the last four perhaps twice. */
export function areSame(
  one: DataView,
  oneStart: number,
  other: DataView,
  otherStart: number,
  length: number,
): boolean {
  const last = length - 4;
  for (let at = 0; at < last; at += 4) {
    if (one.getInt32(oneStart + at, true) !== other.getInt32(otherStart + at, true)) return false;
  }
  return one.getInt32(oneStart + last, true) === other.getInt32(otherStart + last, true);
}

// Four bytes at a time: a byte of a word gets its high bit, if it had none, where it is less than what is taken from it.
const ones = 0x01_01_01_01;
const highBits = 0x80_80_80_80;

/** Whether all bytes between two places are ASCII, and none is below the least. */
export function isAscii(
  { bytes, view }: Bytes,
  start: number,
  end: number,
  least: number,
): boolean {
  const leasts = least * ones;
  let at = start;
  for (; at <= end - 4; at += 4) {
    const word = view.getInt32(at, true);
    if (((word | (word - leasts)) & highBits) !== 0) return false;
  }
  for (; at < end; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte < least || byte > 0x7f) return false;
  }
  return true;
}

/** Where a byte of ASCII stands first between two places; -1 where it does not. */
export function placeOf({ bytes, view }: Bytes, byte: number, start: number, end: number): number {
  const wanted = byte * ones;
  let at = start;
  for (; at <= end - 4; at += 4) {
    const other = view.getInt32(at, true) ^ wanted;
    if (((other - ones) & ~other & highBits) !== 0) break;
  }
  while (at < end && bytes[at] !== byte) at += 1;
  return at < end ? at : -1;
}
