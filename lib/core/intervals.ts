import { alignedTo, type Window } from "./bucket.ts";

/** The window without the excluded stretches: what is left of it, in order. Whole buckets of `step` seconds are taken out. */
export function without(window: Window, excluded: readonly Window[], step: number): Window[] {
  const cuts = excluded
    .filter((cut) => cut.fromMs < cut.toMs)
    .map((cut) => alignedTo(cut, step))
    .toSorted((a, b) => a.fromMs - b.fromMs);
  const left: Window[] = [];
  let fromMs = window.fromMs;
  for (const cut of cuts) {
    if (cut.fromMs > fromMs) left.push({ fromMs, toMs: Math.min(cut.fromMs, window.toMs) });
    fromMs = Math.max(fromMs, cut.toMs);
    if (fromMs >= window.toMs) break;
  }
  if (fromMs < window.toMs) left.push({ fromMs, toMs: window.toMs });
  return left.filter((part) => part.fromMs < part.toMs);
}

/** How long windows are together; they must not overlap. */
export function lengthMs(windows: readonly Window[]): number {
  return windows.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs), 0);
}
