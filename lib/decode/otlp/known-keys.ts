import type { Bytes } from "../bytes.ts";

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

/** Keys that say the same, the preferred one first; with their bits, to see at once that none is there. */
export interface KeyGroup {
  readonly keys: readonly number[];
  /** Bits of the keys numbered 0 to 31, and of those from 32. */
  readonly low: number;
  readonly high: number;
}

/** How many keys are known; their numbers run from 0, and 64 is the most that the bits of a group can say. */
export const knownKeyCount = knownKeys.length;

const lengthMin = 8;
const wordsMax = Math.max(...knownKeys.map((key) => Math.ceil(key.length / 8)));
const lengths = Uint8Array.from(knownKeys, (key) => key.length);
/**
 * At `number * wordsMax` a key, eight bytes at a time from its end, overlapping where its length is no multiple of eight.
 * Read as doubles, because ASCII letters never make one that is NaN or zero: equal doubles are equal bytes.
 */
const words = wordsOfKeys();
const { multiplier, numberAt } = tableOfKeys();

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
export function keyNumberOf({ view }: Bytes, start: number, end: number): number {
  if (end - start < lengthMin) return -1;
  const number = numberAt[slotOf(view, end, end - start, multiplier)] ?? -1;
  if (number === -1 || lengths[number] !== end - start) return -1;
  let at = end - 8;
  let word = number * wordsMax;
  while (at > start) {
    if (words[word] !== view.getFloat64(at, true)) return -1;
    at -= 8;
    word += 1;
  }
  return words[word] === view.getFloat64(start, true) ? number : -1;
}

/** The place of a key in the table, by its length and its last eight bytes. */
function slotOf(view: DataView, end: number, length: number, by: number): number {
  const last = view.getInt32(end - 4, true);
  const before = view.getInt32(end - 8, true);
  return Math.imul(last ^ Math.imul(before ^ length, by), by) >>> 23;
}

/** Every known key in a place of its own, so that one look decides; some multiplier of a few dozen parts them. */
function tableOfKeys(): { readonly multiplier: number; readonly numberAt: Int8Array } {
  const views = knownKeys.map((key) => new DataView(new TextEncoder().encode(key).buffer));
  const slotsBy = (by: number): number[] =>
    views.map((view) => slotOf(view, view.byteLength, view.byteLength, by));
  let by = 0x9e_37_79_b1;
  while (new Set(slotsBy(by)).size < knownKeyCount) by += 2;
  const table = new Int8Array(512).fill(-1);
  for (const [number, slot] of slotsBy(by).entries()) table[slot] = number;
  return { multiplier: by, numberAt: table };
}

function wordsOfKeys(): Float64Array {
  const found = new Float64Array(knownKeyCount * wordsMax);
  for (const [number, key] of knownKeys.entries()) {
    const view = new DataView(new TextEncoder().encode(key).buffer);
    for (let word = 0; word < Math.ceil(key.length / 8); word += 1) {
      const at = Math.max(0, key.length - 8 * (word + 1));
      found[number * wordsMax + word] = view.getFloat64(at, true);
    }
  }
  return found;
}
