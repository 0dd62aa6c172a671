const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** Whoever served this long has recovered; the next failure is a new one. */
const recoveredMs = 60_000;

/** How long to wait before the next start, given the last delay (0 for none) and how long the last run served. */
export function nextDelayMs(lastDelayMs: number, servedMs: number): number {
  if (lastDelayMs === 0 || servedMs >= recoveredMs) return firstDelayMs;
  return Math.min(lastDelayMs * 2, longestDelayMs);
}
