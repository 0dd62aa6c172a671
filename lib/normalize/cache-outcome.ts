import type { CacheOutcome } from "#lib/core/cache-outcome.ts";

/**
 * What a proxy's own word says its cache did: nginx, Squid, Varnish, Apache, HAProxy, Envoy, and X-Cache headers.
 * Null for a word nobody knows, as for no word at all: not measured.
 */
export function cacheOutcomeOf(word: string | null): CacheOutcome | null {
  if (word === null) return null;
  return (
    words.get(word) ??
    words.get(word.trim().toLowerCase()) ??
    squidOutcome(word) ??
    phraseOutcome(word)
  );
}

const words: ReadonlyMap<string, CacheOutcome> = new Map<string, CacheOutcome>([
  ["-", "none"],
  ["", "none"],
  ["none", "none"],
  ["synth", "none"],
  ["HIT", "hit"],
  ["hit", "hit"],
  ["<cache>", "hit"],
  ["rfcf", "hit"],
  ["negative-hit", "hit"],
  ["REVALIDATED", "revalidated"],
  ["revalidated", "revalidated"],
  ["revalidate", "revalidated"],
  ["revalidated-hit", "revalidated"],
  ["stale", "stale"],
  ["updating", "stale"],
  ["expired", "expired"],
  ["MISS", "miss"],
  ["miss", "miss"],
  ["invalidate", "miss"],
  ["BYPASS", "bypass"],
  ["bypass", "bypass"],
  ["pass", "bypass"],
  ["hitpass", "bypass"],
  ["hitmiss", "bypass"],
  ["pipe", "bypass"],
  ["dynamic", "bypass"],
]);

/** `TCP_REFRESH_UNMODIFIED_ABORTED/200` and its like; the tag's parts are in reference/log-formats.md §1.4. */
const squidTag =
  /^(?:TCP|UDP|NONE)(?:_CF)?(?:_(?<tag>[A-Z_]+?))?(?:_IGNORED)?(?:_TIMEDOUT)?(?:_ABORTED)?(?:\/.*)?$/;

const squidOutcomes: ReadonlyMap<string, CacheOutcome> = new Map<string, CacheOutcome>([
  ["MISS", "miss"],
  ["SWAPFAIL_MISS", "miss"],
  ["REFRESH_FAIL_ERR", "miss"],
  ["REFRESH_UNMODIFIED", "revalidated"],
  ["REFRESH_HIT", "revalidated"],
  ["REFRESH", "revalidated"],
  ["REFRESH_MODIFIED", "expired"],
  ["REFRESH_MISS", "expired"],
  ["REFRESH_FAIL_OLD", "stale"],
  ["OFFLINE_HIT", "stale"],
  ["CLIENT_REFRESH_MISS", "bypass"],
]);

function squidOutcome(word: string): CacheOutcome | null {
  const match = squidTag.exec(word);
  if (match === null) return null;
  const tag = match.groups?.["tag"] ?? "NONE";
  return squidOutcomes.get(tag) ?? (tag.endsWith("_HIT") || tag === "HIT" ? "hit" : "none");
}

/** Apache's `cache-status` note and `X-Cache: HIT from host`, most telling first. */
const phrases: readonly (readonly [RegExp, CacheOutcome])[] = [
  [/^not cached: /, "bypass"],
  [/stale/i, "stale"],
  [/conditional cache hit|revalidat/i, "revalidated"],
  [/^(cache )?(hit|\w+_hit)\b/i, "hit"],
  [/^(cache )?(miss|invalidated|expired)\b/i, "miss"],
];

function phraseOutcome(word: string): CacheOutcome | null {
  return phrases.find(([pattern]) => pattern.test(word))?.[1] ?? null;
}
