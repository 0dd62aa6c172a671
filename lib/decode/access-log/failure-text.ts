import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import { tlsErrorTypeOf, tlsReasonOf } from "#lib/decode/tls-reason.ts";

/** What a proxy's sentence about a failed attempt says. */
export interface Failure {
  readonly errorType: ErrorType | null;
  readonly tlsReason: TlsReason | null;
  /** Whether it was the client who hung up. */
  readonly canceled: boolean;
}

/** The failure that an error text tells of: Go's, Varnish's, nginx's, Apache's and the kernel's words. */
export function failureOf(text: string): Failure {
  if (
    /context canceled|client disconnected|prematurely closed connection while sending request/i.test(
      text,
    )
  ) {
    return { errorType: null, tlsReason: null, canceled: true };
  }
  if (speaksOfTls.test(text)) {
    const tlsReason = tlsReasonOf(text) ?? "other";
    return { errorType: tlsErrorTypeOf(tlsReason), tlsReason, canceled: false };
  }
  const errorType = texts.find(([pattern]) => pattern.test(text))?.[1] ?? "proxy_internal_error";
  return { errorType, tlsReason: null, canceled: false };
}

const speaksOfTls = /\bx509:|\btls:|\bSSL\b|SSL_|handshak|TLS handshake|PKIX/i;

/** In the order they are asked: what says most stands first. */
const texts: readonly (readonly [RegExp, ErrorType])[] = [
  [/connection refused|errno 111|\(111\b/i, "connection_refused"],
  [/no such host|server misbehaving|could not be resolved|DNS lookup failure/i, "dns_error"],
  [
    /no upstreams available|no live upstreams|no healthy|Backend (?:is )?(?:un|not )healthy|backend unhealthy|^backend \S+: (?:unhealthy|fail errno 0\b)/i,
    "destination_unavailable",
  ],
  [/^backend \S+: busy/i, "connection_limit_reached"],
  [/no route to host|network is unreachable|host is unreachable/i, "destination_ip_unroutable"],
  [
    /dial .*(?:timeout|deadline exceeded)|while connecting to upstream.*timed out|connect.* timed out|connect timeout/i,
    "connection_timeout",
  ],
  [
    /awaiting (?:response )?headers|first byte timeout|reading response header/i,
    "http_response_timeout",
  ],
  [/timed? ?out|deadline exceeded|i\/o timeout/i, "connection_read_timeout"],
  [/malformed HTTP|http format error|invalid header|too long header/i, "http_protocol_error"],
  [/unexpected EOF|straight insufficient bytes|chunked/i, "http_response_incomplete"],
  [
    /\bEOF\b|HTC|reset by peer|connection reset|broken pipe|closed (?:the )?connection|closed network connection/i,
    "connection_terminated",
  ],
];
