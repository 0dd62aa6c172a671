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
