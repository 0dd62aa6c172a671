/** What the proxy's cache did for one exchange, in the words of design §1 (after RFC 9211). */
export const cacheOutcomes = [
  "hit",
  "revalidated",
  "stale",
  "expired",
  "miss",
  "bypass",
  "none",
] as const;

/** `null` instead of a word means *not measured*, which is never the same as `none`. */
export type CacheOutcome = (typeof cacheOutcomes)[number];

/** Counts per cache outcome; the unit is exchanges. */
export type CacheCounts = Record<CacheOutcome, number>;

/**
 * Share of cacheable exchanges that the cache answered, between 0 and 1:
 * (hit + revalidated + stale) / (those + expired + miss); `null` when none was measured.
 * Bypass and none stand outside, as they never asked the cache.
 */
export function hitRatio(counts: CacheCounts): number | null {
  const served = counts.hit + counts.revalidated + counts.stale;
  const asked = served + counts.expired + counts.miss;
  return asked === 0 ? null : served / asked;
}
