import { hasGrown, minus } from "./metric-histogram.ts";
import type { MetricHistogram, Temporality } from "./metric.ts";

/** A reading of one series, in the order of time. */
export interface MetricReadingAt {
  readonly atMs: number;
  readonly startMs: number | null;
  readonly value: number;
  readonly histogram: MetricHistogram | null;
}

/** What was counted between two readings of one series. */
export interface MetricIncrease {
  readonly atMs: number;
  /** How long it was counted. */
  readonly overMs: number;
  readonly value: number;
  readonly histogram: MetricHistogram | null;
}

/**
 * What a counter or histogram counted from reading to reading. A cumulative one that fell, or that says that it began
 * anew, was reset: all it has counts then. The first reading counts only if it says that it began after `sinceMs`.
 */
export function increasesOf(
  readings: readonly MetricReadingAt[],
  temporality: Temporality,
  sinceMs: number,
): MetricIncrease[] {
  return readings.flatMap((reading, place) => {
    const before = readings[place - 1];
    if (temporality === "delta") return [sinceStart(reading, before)];
    if (before === undefined) {
      const isNew = reading.startMs !== null && reading.startMs >= sinceMs;
      return isNew ? [sinceStart(reading, before)] : [];
    }
    if (reading.atMs === before.atMs) return [];
    if (wasReset(reading, before)) return [sinceStart(reading, before)];
    const histogram =
      reading.histogram === null || before.histogram === null
        ? null
        : minus(reading.histogram, before.histogram);
    const value = reading.value - before.value;
    return [{ atMs: reading.atMs, overMs: reading.atMs - before.atMs, value, histogram }];
  });
}

function sinceStart(
  { atMs, startMs, value, histogram }: MetricReadingAt,
  before: MetricReadingAt | undefined,
): MetricIncrease {
  const fromMs = Math.max(startMs ?? -Infinity, before?.atMs ?? -Infinity);
  const overMs = Number.isFinite(fromMs) ? Math.max(0, atMs - fromMs) : 0;
  return { atMs, overMs, value, histogram };
}

function wasReset(reading: MetricReadingAt, before: MetricReadingAt): boolean {
  if (reading.startMs !== null && reading.startMs > before.atMs) return true;
  if (reading.histogram === null || before.histogram === null) return reading.value < before.value;
  return !hasGrown(reading.histogram, before.histogram);
}
