import { byteAt } from "./cursor.ts";

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
  readonly bytes: Uint8Array;
}

/** How many keys are known; their numbers run from 0. */
export const knownKeyCount = knownKeys.length;

const byLength = bucketsByLength();

/** The number of a known key. */
export function keyNumber(key: KnownKey): number {
  return knownKeys.indexOf(key);
}

/** The number of the key whose bytes stand from `start` to `end`; -1 when it is not known. */
export function keyNumberOf(bytes: Uint8Array, start: number, end: number): number {
  const candidates = byLength[end - start];
  if (candidates === undefined) return -1;
  for (const candidate of candidates) {
    if (sameBytes(candidate.bytes, bytes, start)) return candidate.number;
  }
  return -1;
}

/** Compares from the end, as keys of one length mostly share their first words. */
function sameBytes(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = key.length - 1; index >= 0; index -= 1) {
    if (byteAt(key, index) !== byteAt(bytes, start + index)) return false;
  }
  return true;
}

function bucketsByLength(): (readonly Candidate[] | undefined)[] {
  const encoder = new TextEncoder();
  const buckets: Candidate[][] = [];
  for (const [number, key] of knownKeys.entries()) {
    (buckets[key.length] ??= []).push({ number, bytes: encoder.encode(key) });
  }
  return Array.from({ length: buckets.length }, (_, length) => buckets[length]);
}
