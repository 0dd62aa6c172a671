import { isErrorType, type ErrorType } from "#lib/core/error-type.ts";
import type { Attempt, Exchange } from "#lib/core/exchange.ts";
import { moduleRequestOf } from "#lib/core/module-request.ts";
import { plausibleBytes, plausibleDurationUs, plausibleStatus } from "#lib/core/plausible.ts";
import { tlsReasons, type TlsReason } from "#lib/core/tls-reason.ts";
import type { HttpFacts, SpanRecord } from "#lib/decode/otlp-traces.ts";

import { cacheOutcomeOf } from "./cache-outcome.ts";

/** A SERVER span as the exchange that it tells of; its attempts come from other spans. */
export function exchangeOfSpan(span: SpanRecord, http: HttpFacts): Exchange {
  const errorType = errorTypeOf(span, http);
  const tlsReason = tlsReasonOf(http, errorType);
  return {
    proxy: span.service,
    instance: span.instance,
    source: "spans",
    startUs: span.startUs,
    durationUs: plausibleDurationUs(span.durationUs),
    method: http.method,
    path: http.path,
    status: plausibleStatus(http.status),
    errorType,
    cache: cacheOutcomeOf(http.cacheWord),
    bytes: plausibleBytes(http.bytes),
    module: http.path === null ? null : moduleRequestOf(http.path),
    clientTlsReason: http.tlsSide === "upstream" ? null : tlsReason,
    attempts: [],
    traceHash: { high: span.traceHigh, low: span.traceLow },
  };
}

/** A CLIENT span as the attempt that it tells of. */
export function attemptOfSpan(span: SpanRecord, http: HttpFacts): Attempt {
  const errorType = errorTypeOf(span, http);
  return {
    upstream: withoutUsualPort(http.upstream ?? http.endpoint ?? "unknown"),
    endpoint: http.endpoint,
    startUs: span.startUs,
    durationUs: plausibleDurationUs(span.durationUs),
    status: plausibleStatus(http.status),
    errorType,
    tlsReason: tlsReasonOf(http, errorType),
    canceled: http.status === null && http.errorType !== null && canceled.test(http.errorType),
  };
}

/** Some emitters tell the port and some do not: a name with its scheme's own port is the name. */
function withoutUsualPort(upstream: string): string {
  if (upstream.endsWith(":443")) return upstream.slice(0, -4);
  return upstream.endsWith(":80") ? upstream.slice(0, -3) : upstream;
}

const canceled = /cancel|abort/i;

/** Words that SDKs and proxies put into `error.type`, and what RFC 9209 calls it. */
const errorWords: readonly (readonly [RegExp, ErrorType])[] = [
  [/x509|certificate|CERT_|unable.to.verify|self.signed/i, "tls_certificate_error"],
  [/tls|ssl|handshake|EPROTO/i, "tls_protocol_error"],
  [/ENOTFOUND|EAI_AGAIN|no such host|dns|name.resolution/i, "dns_error"],
  [/refused/i, "connection_refused"],
  [/reset|EPIPE|terminated|closed|EOF|hang.up/i, "connection_terminated"],
  [/connect.*time|ETIMEDOUT/i, "connection_timeout"],
  [/time.?out|deadline/i, "http_response_timeout"],
  [/unreach/i, "destination_ip_unroutable"],
];

/**
 * The transport failure that a span tells of. A status that came is no transport failure,
 * even where the SDK marks the span as failed: CLIENT spans with a 404 are.
 */
function errorTypeOf(span: SpanRecord, http: HttpFacts): ErrorType | null {
  const word = http.errorType;
  if (word !== null && isErrorType(word)) return word;
  if (http.status !== null) return null;
  if (word !== null && canceled.test(word)) return null;
  if (word === null && !span.failed) return null;
  const known = errorWords.find(([pattern]) => word !== null && pattern.test(word));
  return known?.[1] ?? "destination_unavailable";
}

function tlsReasonOf(http: HttpFacts, errorType: ErrorType | null): TlsReason | null {
  const word = http.tlsReason;
  const reason = word === null ? undefined : tlsReasons.find((candidate) => candidate === word);
  if (reason !== undefined) return reason;
  return errorType?.startsWith("tls_") === true ? "other" : null;
}
