import type { MetricHistogram } from "./metric.ts";

/** Most buckets of a histogram that is taken. */
export const bucketsMax = 512;

const magic = 1;

/** A histogram as bytes: bounds as doubles, counts as numbers of seven bits a byte. */
export function packHistogram({ bounds, counts, sum }: MetricHistogram): Uint8Array {
  const bytes = new Uint8Array(12 + bounds.length * 8 + counts.length * 10);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, magic);
  view.setUint16(1, bounds.length);
  view.setUint8(3, sum === null ? 0 : 1);
  view.setFloat64(4, sum ?? 0);
  let at = 12;
  for (const bound of bounds) {
    view.setFloat64(at, bound);
    at += 8;
  }
  for (const count of counts) {
    let rest = Math.min(Math.max(0, Math.round(count)), Number.MAX_SAFE_INTEGER);
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
    bytes[at++] = rest;
  }
  return bytes.subarray(0, at);
}

/** The histogram that was packed; throws a RangeError for bytes that hold none. */
export function unpackHistogram(bytes: Uint8Array): MetricHistogram {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== magic) throw new RangeError("not a packed histogram");
  const size = view.getUint16(1);
  const bounds = Array.from({ length: size }, (_, place) => view.getFloat64(12 + place * 8));
  const counts: number[] = [];
  let at = 12 + size * 8;
  while (counts.length <= size) {
    let count = 0;
    let scale = 1;
    let byte = view.getUint8(at++);
    for (; byte > 0x7f; byte = view.getUint8(at++), scale *= 128) count += (byte & 0x7f) * scale;
    counts.push(count + byte * scale);
  }
  return { bounds, counts, sum: view.getUint8(3) === 1 ? view.getFloat64(4) : null };
}

/** How many observations there are. */
export function countOf({ counts }: MetricHistogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Both together. */
export function plus(one: MetricHistogram, other: MetricHistogram): MetricHistogram {
  return combined(one, other, (a, b) => a + b);
}

/** What was observed after the earlier one of the same series; the caller has seen that nothing was reset. */
export function minus(later: MetricHistogram, earlier: MetricHistogram): MetricHistogram {
  return combined(later, earlier, (a, b) => Math.max(0, a - b));
}

/** Whether every count of the later one is at least that of the earlier one. */
export function hasGrown(later: MetricHistogram, earlier: MetricHistogram): boolean {
  if (!sameBounds(later, earlier)) return countOf(later) >= countOf(earlier);
  return later.counts.every((count, place) => count >= (earlier.counts[place] ?? 0));
}

/** A value that the given share of the observations does not exceed; null without observations. */
export function quantileOf(histogram: MetricHistogram, share: number): number | null {
  const total = countOf(histogram);
  const { bounds, counts } = histogram;
  if (total === 0 || bounds.length === 0) return null;
  const rank = share * total;
  let below = 0;
  for (const [place, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      return withinBucket(bounds, place, Math.max(0, (rank - below) / count));
    }
    below += count;
  }
  return bounds.at(-1) ?? null;
}

/** A value so far into a bucket. What lies above the last bound has no other end than that. */
function withinBucket(bounds: readonly number[], place: number, part: number): number | null {
  const upper = bounds[place];
  if (upper === undefined) return bounds.at(-1) ?? null;
  const lower = bounds[place - 1] ?? Math.min(0, upper);
  return lower + (upper - lower) * part;
}

function combined(
  one: MetricHistogram,
  other: MetricHistogram,
  join: (a: number, b: number) => number,
): MetricHistogram {
  const sum = one.sum === null || other.sum === null ? null : join(one.sum, other.sum);
  if (sameBounds(one, other)) {
    const counts = one.counts.map((count, place) => join(count, other.counts[place] ?? 0));
    return { bounds: one.bounds, counts, sum };
  }
  const bounds = [...new Set([...one.bounds, ...other.bounds])].toSorted((a, b) => a - b);
  const [left, right] = [spread(one, bounds), spread(other, bounds)];
  return { bounds, counts: left.map((count, place) => join(count, right[place] ?? 0)), sum };
}

function sameBounds(one: MetricHistogram, other: MetricHistogram): boolean {
  return (
    one.bounds.length === other.bounds.length &&
    one.bounds.every((bound, place) => bound === other.bounds[place])
  );
}

/** The counts by finer bounds, which hold all of the histogram's own: evenly within each bucket. */
function spread(histogram: MetricHistogram, finer: readonly number[]): number[] {
  const upTo = [...finer.map((bound) => countUpTo(histogram, bound)), countOf(histogram)];
  return upTo.map((count, place) => count - (upTo[place - 1] ?? 0));
}

/** How many observations were at most that. In a bucket with an open end all stand at its known bound. */
function countUpTo({ bounds, counts }: MetricHistogram, limit: number): number {
  let below = 0;
  for (const [place, bound] of bounds.entries()) {
    const count = counts[place] ?? 0;
    if (limit < bound) {
      const lower = bounds[place - 1];
      return lower === undefined ? 0 : below + (count * (limit - lower)) / (bound - lower);
    }
    below += count;
  }
  return below;
}
