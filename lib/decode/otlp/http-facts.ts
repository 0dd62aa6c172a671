import type { AttributeSlots } from "./attribute-slots.ts";
import { byteAt } from "./cursor.ts";
import { hostPort } from "./host-port.ts";
import { keyNumber } from "./known-keys.ts";
import { textOf } from "./strings.ts";

/** What a SERVER or CLIENT span says about an HTTP request; null where it says nothing. */
export interface HttpFacts {
  readonly method: string | null;
  readonly status: number | null;
  /** With the query. */
  readonly path: string | null;
  readonly route: string | null;
  /** Logical name of who was asked: of a CLIENT span, or of the SERVER span of a proxy that sends no other. */
  readonly upstream: string | null;
  /** The address that was tried: ip:port or host:port. */
  readonly endpoint: string | null;
  /** What the emitter calls the cache's outcome, as it writes it. */
  readonly cacheWord: string | null;
  /** `error.type` as sent. */
  readonly errorType: string | null;
  /** Bytes of the answer's body. */
  readonly bytes: number | null;
  /** How many times the request had been sent before this span. */
  readonly resendCount: number | null;
  /** `proxy.tls.reason` as sent, or the error text that names a TLS failure. */
  readonly tlsReason: string | null;
  readonly tlsSide: string | null;
  /** nginx's lists of upstreams tried, parallel to each other, as nginx writes them. */
  readonly upstreamAddr: string | null;
  readonly upstreamStatus: string | null;
  readonly upstreamResponseTime: string | null;
}

const clientKind = 3;

const methods = [keyNumber("http.request.method"), keyNumber("http.method")];
const methodOriginal = keyNumber("http.request.method_original");
const statuses = [keyNumber("http.response.status_code"), keyNumber("http.status_code")];
const route = keyNumber("http.route");
const urls = [keyNumber("url.full"), keyNumber("http.url")];
const urlPath = keyNumber("url.path");
const urlQuery = keyNumber("url.query");
const target = keyNumber("http.target");
const clusters = [
  keyNumber("proxy.upstream.name"),
  keyNumber("upstream_cluster.name"),
  keyNumber("upstream_cluster"),
];
const peerService = keyNumber("peer.service");
const upstreamAddress = keyNumber("upstream_address");
const peerAddress = keyNumber("peer.address");
/** Who was asked by name, and on which port. */
const peerNames = [
  [keyNumber("server.address"), keyNumber("server.port")],
  [keyNumber("net.peer.name"), keyNumber("net.peer.port")],
] as const;
/** Which address it was. */
const peerAddresses = [
  [keyNumber("network.peer.address"), keyNumber("network.peer.port")],
  [keyNumber("net.sock.peer.addr"), keyNumber("net.sock.peer.port")],
  [keyNumber("net.peer.ip"), keyNumber("net.peer.port")],
] as const;
const sizes = [
  keyNumber("http.response.body.size"),
  keyNumber("http.response_content_length"),
  keyNumber("response_size"),
  keyNumber("http.response.size"),
];
const resends = [
  keyNumber("http.request.resend_count"),
  keyNumber("http.resend_count"),
  keyNumber("retry.count"),
];
const tryCount = keyNumber("try_count");
const errorType = keyNumber("error.type");
const tlsReason = keyNumber("proxy.tls.reason");
const tlsSide = keyNumber("proxy.tls.side");
const cacheWords = [
  keyNumber("proxy.cache.result"),
  keyNumber("proxy.cache.source"),
  keyNumber("nginx.upstream_cache_status"),
  keyNumber("upstream_cache_status"),
  keyNumber("http.response.header.x-cache-status"),
  keyNumber("http.response.header.x_cache_status"),
  keyNumber("http.response.header.x-cache"),
  keyNumber("http.response.header.x_cache"),
  keyNumber("http.response.header.cache-status"),
  keyNumber("http.response.header.cache_status"),
];
const upstreamAddrs = [keyNumber("nginx.upstream_addr"), keyNumber("upstream_addr")];
const upstreamStatuses = [keyNumber("nginx.upstream_status"), keyNumber("upstream_status")];
const upstreamTimes = [
  keyNumber("nginx.upstream_response_time"),
  keyNumber("upstream_response_time"),
];

/** Any one of these shows that a span speaks HTTP. */
const httpMarks = [...methods, ...statuses, ...urls, urlPath, target, route, ...resends, tryCount];
/** And of a SERVER or CLIENT span of a proxy, any of these. */
const proxyMarks = [...clusters, upstreamAddress, tlsReason, ...cacheWords, ...upstreamAddrs];
const marks = [...new Set([...httpMarks, ...proxyMarks])];

/**
 * The HTTP facts among a span's attributes, stable names before old ones; null when it does not speak HTTP.
 * `errorText` is what a failed span says about its failure elsewhere than in its attributes.
 */
export function httpFactsOf(
  slots: AttributeSlots,
  bytes: Uint8Array,
  kind: number,
  errorText: string | null,
): HttpFacts | null {
  if (!marks.some((key) => slots.has(key))) return null;
  const client = kind === clientKind;
  const failure = firstText(slots, [errorType]);
  const reason = slots.text(tlsReason) ?? tlsTextOf(failure) ?? tlsTextOf(errorText);
  const name = firstText(slots, clusters);
  return {
    method: methodOf(slots),
    status: firstCount(slots, statuses),
    path: pathOf(slots, bytes),
    route: slots.text(route),
    upstream: name ?? (client ? peerOf(slots, bytes) : slots.text(upstreamAddress)),
    endpoint: slots.text(upstreamAddress) ?? (client ? endpointOf(slots, bytes) : null),
    cacheWord: firstText(slots, cacheWords),
    errorType: failure,
    bytes: firstCount(slots, sizes),
    resendCount: resendsOf(slots),
    tlsReason: reason,
    tlsSide: slots.text(tlsSide) ?? (client && reason !== null ? "upstream" : null),
    upstreamAddr: firstText(slots, upstreamAddrs),
    upstreamStatus: firstText(slots, upstreamStatuses),
    upstreamResponseTime: firstText(slots, upstreamTimes),
  };
}

function methodOf(slots: AttributeSlots): string | null {
  const method = firstText(slots, methods);
  return method === "_OTHER" ? (slots.text(methodOriginal) ?? method) : method;
}

function pathOf(slots: AttributeSlots, bytes: Uint8Array): string | null {
  const path = slots.text(urlPath);
  if (path !== null) {
    const query = slots.text(urlQuery);
    if (query === null) return path;
    return query.startsWith("?") ? path + query : `${path}?${query}`;
  }
  return slots.text(target) ?? pathOfUrl(slots, bytes);
}

/** Logical upstream of a CLIENT span that names no cluster (reference/otlp.md §3c). */
function peerOf(slots: AttributeSlots, bytes: Uint8Array): string | null {
  return (
    slots.text(peerService) ??
    firstHostPort(slots, peerNames) ??
    hostOfUrl(slots, bytes) ??
    slots.text(upstreamAddress) ??
    firstHostPort(slots, peerAddresses) ??
    slots.text(peerAddress)
  );
}

function endpointOf(slots: AttributeSlots, bytes: Uint8Array): string | null {
  return (
    firstHostPort(slots, peerAddresses) ??
    slots.text(peerAddress) ??
    firstHostPort(slots, peerNames) ??
    hostOfUrl(slots, bytes)
  );
}

function resendsOf(slots: AttributeSlots): number | null {
  const resend = firstCount(slots, resends);
  if (resend !== null) return resend;
  // Kong numbers its tries from 1.
  const tries = slots.count(tryCount);
  return tries === null ? null : Math.max(0, tries - 1);
}

function firstText(slots: AttributeSlots, keys: readonly number[]): string | null {
  for (const key of keys) {
    const text = slots.text(key);
    if (text !== null) return text;
  }
  return null;
}

function firstCount(slots: AttributeSlots, keys: readonly number[]): number | null {
  for (const key of keys) {
    const count = slots.count(key);
    if (count !== null) return count;
  }
  return null;
}

function firstHostPort(
  slots: AttributeSlots,
  pairs: readonly (readonly [host: number, port: number])[],
): string | null {
  for (const [host, port] of pairs) {
    const name = slots.text(host);
    if (name !== null) return hostPort(name, slots.count(port));
  }
  return null;
}

function hostOfUrl(slots: AttributeSlots, bytes: Uint8Array): string | null {
  const key = urls.find((url) => slots.isText(url));
  if (key === undefined) return null;
  const start = authorityStart(bytes, slots.startOf(key), slots.endOf(key));
  const end = authorityEnd(bytes, start, slots.endOf(key));
  const authority = textOf(bytes, start, end);
  return authority.slice(authority.lastIndexOf("@") + 1) || null;
}

function pathOfUrl(slots: AttributeSlots, bytes: Uint8Array): string | null {
  const key = urls.find((url) => slots.isText(url));
  if (key === undefined) return null;
  const end = slots.endOf(key);
  const start = authorityEnd(bytes, authorityStart(bytes, slots.startOf(key), end), end);
  return textOf(bytes, start, end) || "/";
}

/** Where the authority of a URL starts: behind its `://`, or at its start when it has none. */
function authorityStart(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end - 3, start + 12);
  for (let at = start; at <= last; at += 1) {
    if (byteAt(bytes, at) === 0x3a && byteAt(bytes, at + 1) === 0x2f) return at + 3;
  }
  return start;
}

/** Where the authority of a URL ends: before the first of `/`, `?` and `#`. */
function authorityEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte === 0x2f || byte === 0x3f || byte === 0x23) return at;
  }
  return end;
}

const tlsWords = /tls|ssl|x509|certificate|\bcert_|_cert\b|handshake/i;

function tlsTextOf(text: string | null): string | null {
  return text !== null && tlsWords.test(text) ? text : null;
}
