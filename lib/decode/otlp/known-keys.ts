import type { Bytes } from "./cursor.ts";

/** The attribute keys that the hot path reads; all others are stepped over. */
const knownKeys = [
  "service.name",
  "service.instance.id",
  "host.name",
  "http.request.method",
  "http.request.method_original",
  "http.method",
  "http.response.status_code",
  "http.status_code",
  "http.route",
  "url.full",
  "http.url",
  "url.path",
  "url.query",
  "http.target",
  "proxy.upstream.name",
  "upstream_cluster.name",
  "upstream_cluster",
  "upstream_address",
  "peer.service",
  "server.address",
  "server.port",
  "net.peer.name",
  "net.peer.port",
  "net.peer.ip",
  "network.peer.address",
  "network.peer.port",
  "net.sock.peer.addr",
  "net.sock.peer.port",
  "peer.address",
  "http.response.body.size",
  "http.response.size",
  "http.response_content_length",
  "response_size",
  "http.request.resend_count",
  "http.resend_count",
  "retry.count",
  "try_count",
  "error.type",
  "proxy.tls.reason",
  "proxy.tls.side",
  "exception.message",
  "proxy.cache.result",
  "proxy.cache.source",
  "nginx.upstream_cache_status",
  "upstream_cache_status",
  "http.response.header.x-cache",
  "http.response.header.x_cache",
  "http.response.header.x-cache-status",
  "http.response.header.x_cache_status",
  "http.response.header.cache-status",
  "http.response.header.cache_status",
  "nginx.upstream_addr",
  "upstream_addr",
  "nginx.upstream_status",
  "upstream_status",
  "nginx.upstream_response_time",
  "upstream_response_time",
] as const;
type KnownKey = (typeof knownKeys)[number];

interface Candidate {
  readonly number: number;
  /**
   * The key eight bytes at a time from its end, overlapping where its length is no multiple of eight.
   * Read as doubles, because ASCII letters never make one that is NaN or zero: equal doubles are equal bytes.
   */
  readonly words: Float64Array;
}

/** Keys that say the same, the preferred one first; with their bits, to see at once that none is there. */
export interface KeyGroup {
  readonly keys: readonly number[];
  /** Bits of the keys numbered 0 to 31, and of those from 32. */
  readonly low: number;
  readonly high: number;
}

/** How many keys are known; their numbers run from 0, and 64 is the most that the bits of a group can say. */
export const knownKeyCount = knownKeys.length;

const none: Candidate[] = [];
const byLength = bucketsByLength();

/** The number of a known key. */
function keyNumber(key: KnownKey): number {
  return knownKeys.indexOf(key);
}

/** The keys as a group, in order of preference. */
export function keyGroup(...names: readonly KnownKey[]): KeyGroup {
  const keys = names.map(keyNumber);
  return {
    keys,
    low: keys.filter((key) => key < 32).reduce((bits, key) => bits | (1 << key), 0),
    high: keys.filter((key) => key >= 32).reduce((bits, key) => bits | (1 << (key - 32)), 0),
  };
}

/** The number of the key whose bytes stand from `start` to `end`; -1 when it is not known. */
export function keyNumberOf(source: Bytes, start: number, end: number): number {
  const length = end - start;
  if (length >= byLength.length) return -1;
  const candidates = byLength[length] ?? none;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index];
    if (candidate !== undefined && sameWords(candidate.words, source.view, start, end)) {
      return candidate.number;
    }
  }
  return -1;
}

/** Compares from the end, as keys of one length mostly share their first words. */
function sameWords(words: Float64Array, view: DataView, start: number, end: number): boolean {
  let at = end - 8;
  for (let index = 0; index < words.length; index += 1) {
    if (words[index] !== view.getFloat64(at, true)) return false;
    at = Math.max(start, at - 8);
  }
  return true;
}

/** By length, which is at least 8 for every known key. */
function bucketsByLength(): (readonly Candidate[])[] {
  const buckets: Candidate[][] = [];
  for (const [number, key] of knownKeys.entries()) {
    (buckets[key.length] ??= []).push({ number, words: wordsOf(key) });
  }
  return Array.from({ length: buckets.length }, (_, length) => buckets[length] ?? none);
}

function wordsOf(key: string): Float64Array {
  const view = new DataView(new TextEncoder().encode(key).buffer);
  return Float64Array.from({ length: Math.ceil(key.length / 8) }, (_, index) =>
    view.getFloat64(Math.max(0, key.length - 8 * (index + 1)), true),
  );
}
