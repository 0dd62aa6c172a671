/** The least and the greatest of the first so many numbers; neither, where there are none. */
export function boundsOf(values: Float64Array, length: number): [number, number] | [] {
  if (length === 0) return [];
  let least = values[0] ?? 0;
  let greatest = least;
  for (let at = 1; at < length; at += 1) {
    const value = values[at] ?? 0;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
