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
