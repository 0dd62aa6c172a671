import { byteAt, type Bytes } from "../bytes.ts";
import { pathTextOf, textOf } from "../strings.ts";
import type { AttributeSlots } from "./attribute-slots.ts";
import { hostPort } from "./host-port.ts";
import { type KeyGroup, keyGroup } from "./known-keys.ts";

/** What a SERVER or CLIENT span says about an HTTP request; null where it says nothing. */
export interface HttpFacts {
  readonly method: string | null;
  readonly status: number | null;
  /** With the query. */
  readonly path: string | null;
  readonly route: string | null;
  /** Logical name of who was asked: of a CLIENT span, or of a SERVER span that names one. */
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

const method = keyGroup("http.request.method", "http.method");
const methodOriginal = keyGroup("http.request.method_original");
const status = keyGroup("http.response.status_code", "http.status_code");
const route = keyGroup("http.route");
const url = keyGroup("url.full", "http.url");
const urlPath = keyGroup("url.path");
const urlQuery = keyGroup("url.query");
const target = keyGroup("http.target");
const cluster = keyGroup("proxy.upstream.name", "upstream_cluster.name", "upstream_cluster");
const peerService = keyGroup("peer.service");
const upstreamAddress = keyGroup("upstream_address");
const peerAddress = keyGroup("peer.address");
/** Who was asked by name, and on which port. */
const peerNames = [
  [keyGroup("server.address"), keyGroup("server.port")],
  [keyGroup("net.peer.name"), keyGroup("net.peer.port")],
] as const;
/** Which address it was. */
const peerAddresses = [
  [keyGroup("network.peer.address"), keyGroup("network.peer.port")],
  [keyGroup("net.sock.peer.addr"), keyGroup("net.sock.peer.port")],
  [keyGroup("net.peer.ip"), keyGroup("net.peer.port")],
] as const;
const size = keyGroup(
  "http.response.body.size",
  "http.response_content_length",
  "response_size",
  "http.response.size",
);
const resend = keyGroup("http.request.resend_count", "http.resend_count", "retry.count");
const tryCount = keyGroup("try_count");
const errorType = keyGroup("error.type");
const tlsReason = keyGroup("proxy.tls.reason");
const tlsSide = keyGroup("proxy.tls.side");
const cacheWord = keyGroup(
  "proxy.cache.result",
  "proxy.cache.source",
  "nginx.upstream_cache_status",
  "upstream_cache_status",
  "http.response.header.x-cache-status",
  "http.response.header.x_cache_status",
  "http.response.header.x-cache",
  "http.response.header.x_cache",
  "http.response.header.cache-status",
  "http.response.header.cache_status",
);
const upstreamAddr = keyGroup("nginx.upstream_addr", "upstream_addr");
const upstreamStatus = keyGroup("nginx.upstream_status", "upstream_status");
const upstreamResponseTime = keyGroup("nginx.upstream_response_time", "upstream_response_time");

/** Any one of these shows that a span speaks HTTP, or is a proxy's. */
const marks = union(
  method,
  status,
  url,
  urlPath,
  target,
  route,
  resend,
  tryCount,
  cluster,
  upstreamAddress,
  tlsReason,
  cacheWord,
  upstreamAddr,
);

/**
 * The HTTP facts among a span's attributes, stable names before old ones; null when it does not speak HTTP.
 * `errorText` is what a failed span says about its failure elsewhere than in its attributes.
 */
export function httpFactsOf(
  slots: AttributeSlots,
  source: Bytes,
  kind: number,
  errorText: string | null,
): HttpFacts | null {
  if (!slots.hasAny(marks)) return null;
  const client = kind === clientKind;
  const failure = slots.text(errorType);
  const reason = reasonOf(slots, failure, errorText);
  return {
    method: methodOf(slots),
    // Envoy writes 0 where nothing was sent.
    status: slots.count(status) || null,
    path: pathOf(slots, source),
    route: slots.text(route),
    upstream: slots.text(cluster) ?? (client ? peerOf(slots, source) : null),
    endpoint: slots.text(upstreamAddress) ?? (client ? endpointOf(slots, source) : null),
    cacheWord: slots.text(cacheWord),
    errorType: failure,
    bytes: slots.count(size),
    resendCount: slots.count(resend) ?? resendOfTries(slots.count(tryCount)),
    tlsReason: reason,
    tlsSide: slots.text(tlsSide) ?? (client ? sideOfClient(reason) : null),
    upstreamAddr: slots.text(upstreamAddr),
    upstreamStatus: slots.text(upstreamStatus),
    upstreamResponseTime: slots.text(upstreamResponseTime),
  };
}

function union(...groups: readonly KeyGroup[]): KeyGroup {
  return {
    keys: groups.flatMap((group) => group.keys),
    low: groups.reduce((bits, group) => bits | group.low, 0),
    high: groups.reduce((bits, group) => bits | group.high, 0),
  };
}

function methodOf(slots: AttributeSlots): string | null {
  const word = slots.text(method);
  return word === "_OTHER" ? (slots.text(methodOriginal) ?? word) : word;
}

function pathOf(slots: AttributeSlots, source: Bytes): string | null {
  const path = slots.path(urlPath);
  if (path === null) return slots.path(target) ?? pathOfUrl(slots, source);
  const query = slots.path(urlQuery);
  if (query === null) return path;
  return query.startsWith("?") ? path + query : `${path}?${query}`;
}

/** Logical upstream of a CLIENT span that names no cluster (reference/otlp.md §3c). */
function peerOf(slots: AttributeSlots, source: Bytes): string | null {
  return (
    slots.text(peerService) ??
    firstHostPort(slots, peerNames) ??
    hostOfUrl(slots, source) ??
    slots.text(upstreamAddress) ??
    firstHostPort(slots, peerAddresses) ??
    slots.text(peerAddress)
  );
}

function endpointOf(slots: AttributeSlots, source: Bytes): string | null {
  return (
    firstHostPort(slots, peerAddresses) ??
    slots.text(peerAddress) ??
    firstHostPort(slots, peerNames) ??
    hostOfUrl(slots, source)
  );
}

/** Kong numbers its tries from 1. */
function resendOfTries(tries: number | null): number | null {
  return tries === null ? null : Math.max(0, tries - 1);
}

function firstHostPort(
  slots: AttributeSlots,
  pairs: readonly (readonly [host: KeyGroup, port: KeyGroup])[],
): string | null {
  for (const [host, port] of pairs) {
    const name = slots.text(host);
    if (name !== null) return hostPort(name, slots.count(port));
  }
  return null;
}

function hostOfUrl(slots: AttributeSlots, source: Bytes): string | null {
  const key = slots.stringKey(url);
  if (key === null) return null;
  const end = slots.endOf(key);
  const start = authorityStart(source.bytes, slots.startOf(key), end);
  const authority = textOf(source, start, authorityEnd(source.bytes, start, end));
  return authority.slice(authority.lastIndexOf("@") + 1) || null;
}

function pathOfUrl(slots: AttributeSlots, source: Bytes): string | null {
  const key = slots.stringKey(url);
  if (key === null) return null;
  const { bytes } = source;
  const end = slots.endOf(key);
  const start = authorityEnd(bytes, authorityStart(bytes, slots.startOf(key), end), end);
  return pathTextOf(source, start, end) || "/";
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

function reasonOf(
  slots: AttributeSlots,
  failure: string | null,
  errorText: string | null,
): string | null {
  return slots.text(tlsReason) ?? tlsTextOf(failure) ?? tlsTextOf(errorText);
}

/** A CLIENT span speaks of the upstream. */
function sideOfClient(reason: string | null): string | null {
  return reason === null ? null : "upstream";
}

function tlsTextOf(text: string | null): string | null {
  return text !== null && tlsWords.test(text) ? text : null;
}
