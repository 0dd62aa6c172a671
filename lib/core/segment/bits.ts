/** Widths in which small numbers are packed: whole ones of them fill a byte. */
export type BitWidth = 1 | 2 | 4 | 8;

/** The narrowest width for numbers of so many bits, of which there are at most eight. */
export function widthFor(bits: number): BitWidth {
  if (bits <= 1) return 1;
  if (bits <= 2) return 2;
  return bits <= 4 ? 4 : 8;
}

/** How many bytes so many numbers take. */
export function packedBytes(width: BitWidth, length: number): number {
  return Math.ceil((length * width) / 8);
}

/** How many bits a natural number below 2^32 has. */
export function bitsOf(value: number): number {
  return 32 - Math.clz32(value);
}
