// One function for each kind of array: one for all would look at the kind at every call.

/** The number at a place that the caller knows to be inside the column. */
export function intAt(column: Int32Array | Uint8Array, at: number): number {
  return column[at] ?? 0;
}

/** The same of half a hash: as a signed number, as those are never made an object. */
export function halfAt(column: Uint32Array, at: number): number {
  return (column[at] ?? 0) | 0;
}

/** The same of doubles. */
export function doubleAt(column: Float64Array, at: number): number {
  return column[at] ?? 0;
}
