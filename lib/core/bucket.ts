/** Widths of the rollup buckets, in seconds, finest first. */
export const steps = [10, 60, 3_600, 86_400] as const;
export type Step = (typeof steps)[number];

/** A stretch of time, half open: `from` is in it, `to` is not. Epoch milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A part of a window that whole buckets of one width fill. */
export interface Segment extends Window {
  readonly step: Step;
}

/** The next coarser width; null for the coarsest. */
export function coarser(step: Step): Step | null {
  return steps[steps.indexOf(step) + 1] ?? null;
}

/** Start of the bucket that holds the time; epoch milliseconds, buckets aligned to UTC. */
export function bucketStartMs(timeMs: number, step: number): number {
  const widthMs = step * 1000;
  return Math.floor(timeMs / widthMs) * widthMs;
}

/** The window widened outwards to whole buckets of the given width. */
export function alignedTo(window: Window, step: number): Window {
  const widthMs = step * 1000;
  return {
    fromMs: Math.floor(window.fromMs / widthMs) * widthMs,
    toMs: Math.ceil(window.toMs / widthMs) * widthMs,
  };
}

/**
 * The window as the fewest whole buckets: the coarsest that fit in its middle, finer ones at its ends.
 * The window is widened to whole buckets of `finest` first, and no bucket is coarser than `coarsest`.
 */
export function segmentsOf(window: Window, finest: Step = 10, coarsest: Step = 86_400): Segment[] {
  const usable = steps.filter((step) => step >= finest && step <= coarsest);
  const { fromMs, toMs } = alignedTo(window, finest);
  const left: Segment[] = [];
  const right: Segment[] = [];
  let low = fromMs;
  let high = toMs;
  for (const [place, step] of usable.entries()) {
    const next = usable[place + 1];
    if (next === undefined) {
      if (low < high) left.push({ step, fromMs: low, toMs: high });
      break;
    }
    const widthMs = next * 1000;
    const innerLow = Math.ceil(low / widthMs) * widthMs;
    const innerHigh = Math.floor(high / widthMs) * widthMs;
    if (innerLow >= innerHigh) {
      if (low < high) left.push({ step, fromMs: low, toMs: high });
      break;
    }
    if (low < innerLow) left.push({ step, fromMs: low, toMs: innerLow });
    if (innerHigh < high) right.unshift({ step, fromMs: innerHigh, toMs: high });
    low = innerLow;
    high = innerHigh;
  }
  return [...left, ...right];
}
