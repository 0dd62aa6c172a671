import { bucketsMax } from "#lib/core/metric-histogram.ts";
import type { MetricHistogram } from "#lib/core/metric.ts";

import type { Cursor } from "./cursor.ts";

/** Finer exponential histograms are made this coarse: a bucket is then 9 % wide. Their bounds hold those of all coarser ones. */
const scaleMax = 3;
/** Below it one bucket holds every double there is. */
const scaleMin = -10;

/** Buckets of an exponential histogram as they were sent. */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface ExponentialPoint {
  readonly scale: number;
  readonly zeroCount: number;
  readonly sum: number | null;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

/** The counts by bounds of their own; null when they are beyond what is taken. */
export function histogramOfExponential(point: ExponentialPoint): MetricHistogram | null {
  const { scale, zeroCount, sum, positive, negative } = point;
  if (scale < scaleMin || scale > 20) return null;
  const belowZero = total(negative.counts) + zeroCount;
  const first = positive.counts.findIndex((count) => count > 0);
  if (first === -1) return { bounds: [0], counts: [belowZero, 0], sum };
  const last = positive.counts.findLastIndex((count) => count > 0);
  let shift = Math.max(0, scale - scaleMax);
  const placeOf = (index: number): number => Math.floor((positive.offset + index) / 2 ** shift);
  while (placeOf(last) - placeOf(first) > bucketsMax - 3) shift += 1;
  const lowest = placeOf(first);
  const counts: number[] = Array(placeOf(last) - lowest + 1).fill(0);
  for (let index = first; index <= last; index += 1) {
    const place = placeOf(index) - lowest;
    counts[place] = (counts[place] ?? 0) + (positive.counts[index] ?? 0);
  }
  const boundOf = (place: number): number => 2 ** (place * 2 ** (shift - scale));
  const bounds = Array.from({ length: counts.length + 1 }, (_, place) => boundOf(lowest + place));
  return bounds.every((bound) => Number.isFinite(bound))
    ? { bounds, counts: [belowZero, ...counts, 0], sum }
    : null;
}

/** The histogram of an explicit one, or null when its parts do not fit each other. */
export function histogramOfExplicit(
  bounds: readonly number[],
  counts: readonly number[],
  count: number,
  sum: number | null,
): MetricHistogram | null {
  if (counts.length === 0) return bounds.length === 0 ? { bounds, counts: [count], sum } : null;
  if (counts.length !== bounds.length + 1 || total(counts) !== count) return null;
  const ascending = bounds.every(
    (bound, place) => Number.isFinite(bound) && bound > (bounds[place - 1] ?? -Infinity),
  );
  return ascending ? { bounds, counts, sum } : null;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Nanoseconds since the epoch as microseconds. */
export function microsecondsAt(cursor: Cursor): number {
  return Number(cursor.view.getBigUint64(cursor.fixed64(), true) / 1_000n);
}

export function unsignedAt(cursor: Cursor): number {
  return Number(cursor.view.getBigUint64(cursor.fixed64(), true));
}

export function signedAt(cursor: Cursor): number {
  return Number(cursor.view.getBigInt64(cursor.fixed64(), true));
}

export function doubleAt(cursor: Cursor): number {
  return cursor.view.getFloat64(cursor.fixed64(), true);
}

/** A number in protobuf's zigzag form. */
export function zigzag(cursor: Cursor): number {
  const value = cursor.varint();
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Adds what a repeated field holds, one value or many packed; beyond `lengthMax` values are only read over. */
export function addNumbers(
  cursor: Cursor,
  packedTag: number,
  list: number[],
  read: (cursor: Cursor) => number,
): void {
  if (cursor.tag !== packedTag) {
    add(list, read(cursor));
    return;
  }
  const outer = cursor.enter();
  while (cursor.at < cursor.end) add(list, read(cursor));
  cursor.leave(outer);
}

function add(list: number[], value: number): void {
  if (list.length <= numbersMax) list.push(value);
}

/** Values of one list that are kept; a longer list is refused by whoever sees its length. */
export const numbersMax = 4_096;
