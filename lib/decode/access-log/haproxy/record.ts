import type { ErrorType } from "#lib/core/error-type.ts";
import type { LocalClock } from "#lib/core/local-clock.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";
import {
  openSslCodeReason,
  tlsErrorTypeOf,
  tlsReasonOf,
  x509CodeReason,
} from "#lib/decode/tls-reason.ts";

import { attemptWith, recordWith } from "../blank.ts";
import { millisecondsUs, statusOf, wholeNumber } from "../number.ts";
import { requestLineOf, withTarget, type RequestLine } from "../request-line.ts";
import { clfTimeReader, epochTimeUs, isoTimeUs } from "../time.ts";
import type { HaproxyFields } from "./fields.ts";

export type HaproxyRecordMaker = (
  fields: HaproxyFields,
  unread: string | null,
) => AccessRecord | string;

/** Makes records of one stream. HAProxy logs when a request began, in local time without a zone. */
export function haproxyRecordMaker(clock: LocalClock): HaproxyRecordMaker {
  const readClf = clfTimeReader();
  /** Backends that answered from the cache: only of these a server's answer is known to be a miss. */
  const caching = new Set<string>();
  return (fields, unread) => {
    const startUs = startTimeUs(fields.date ?? "", readClf, clock);
    if (startUs === null) return noDate;
    return recordWith("haproxy", startUs, {
      ...answerOf(fields),
      ...requestOf(fields),
      client: clientOf(fields.client),
      userAgent: fields.userAgent ?? null,
      durationUs: millisecondsUs(unsigned(fields.totalTime)),
      cacheWord: cacheWordOf(fields, caching),
      clientTlsReason: clientTlsReason(fields),
      traceId: fields.traceId ?? null,
      unread,
    });
  };
}

const noDate = "The line has no date that can be read: expected 20/Nov/2026:22:11:19.546.";
const backendsMax = 1_000;

function startTimeUs(
  date: string,
  readClf: (text: string) => number | null,
  clock: LocalClock,
): number | null {
  const hasZone = date.includes(" ");
  const ms = readClf(hasZone ? date : `${date.slice(0, 20)} +0000`);
  if (ms === null) return isoTimeUs(date, clock) ?? epochTimeUs(date);
  if (hasZone) return ms * 1000;
  return clock(ms * 1000 + Number(date.slice(21, 27).padEnd(6, "0")));
}

/** The port stands behind the last colon; an IPv6 address has no brackets. */
function clientOf(client: string | undefined): string | null {
  if (client === undefined || client.startsWith("unix:")) return client ?? null;
  const address = client.slice(0, client.lastIndexOf(":"));
  return address === "-" ? null : address || client;
}

/** `+243` with `option logasap`: as much as there was when the line was written. */
function unsigned(text: string | undefined): string | undefined {
  return text?.startsWith("+") === true ? text.slice(1) : text;
}

type Request = RequestLine & { readonly host: string | null };

function requestOf(fields: HaproxyFields): Request {
  if (fields.method !== undefined) return withTarget(fields.method, decoded(fields.target ?? ""));
  return requestLineOf(decoded(fields.request ?? ""));
}

const utf8 = new TextDecoder();

/** HAProxy writes a byte that it will not print as `#` and two hexadecimal digits. */
function decoded(text: string): string {
  if (!text.includes("#")) return text;
  return text.replaceAll(/(?:#[0-9A-F]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split("#"), (hex) => Number.parseInt(hex, 16))),
  );
}

function isOwnServer(server: string | undefined): boolean {
  return server === undefined || server.startsWith("<");
}

function cacheWordOf(fields: HaproxyFields, caching: Set<string>): string | null {
  const { backend, server } = fields;
  if (backend === undefined || server === undefined) return null;
  if (server === "<CACHE>") {
    if (caching.size < backendsMax) caching.add(backend);
    return server;
  }
  if (!caching.has(backend)) return null;
  return isOwnServer(server) ? "-" : "MISS";
}

type Answer = Pick<AccessRecord, "status" | "bytes" | "errorType" | "attempts">;

function answerOf(fields: HaproxyFields): Answer {
  const attempts = isOwnServer(fields.server) ? [] : attemptsOf(fields);
  return {
    status: statusOf(fields.status),
    bytes: wholeNumber(unsigned(fields.bytes)),
    errorType: attempts.at(-1)?.errorType ?? ownError(fields.state ?? ""),
    attempts,
  };
}

/** What HAProxy failed of itself, before any server was chosen. */
function ownError(state: string): ErrorType | null {
  const [cause = "", phase = ""] = state;
  if (cause === "I" || cause === "R") return "proxy_internal_error";
  if (/[Ss]/.test(cause))
    return phase === "Q" ? "connection_limit_reached" : "destination_unavailable";
  return null;
}

/**
 * The server in the line is the last one asked. Before it stand as many failed attempts as there were retries:
 * at the same server, or after a redispatch (`+`) at servers that the line does not name, nor of what they failed.
 */
function attemptsOf(fields: HaproxyFields): AccessAttempt[] {
  const upstream = fields.backend ?? null;
  const endpoint = endpointOf(fields);
  const retries = wholeNumber(unsigned(fields.retries)) ?? 0;
  const last = lastAttempt(fields, upstream, endpoint);
  const before =
    fields.retries?.startsWith("+") === true
      ? attemptWith(upstream, null, {})
      : attemptWith(upstream, endpoint, sameFailure(fields, last));
  return [...Array.from({ length: Math.min(retries, retriesMax) }, () => before), last];
}

/** A server that could not be connected to in the end could not be before: of itself HAProxy asks one again only then. */
function sameFailure(
  { state = "" }: HaproxyFields,
  { errorType, tlsReason }: AccessAttempt,
): Partial<AccessAttempt> {
  return /^[Ss]C/.test(state) ? { errorType, tlsReason } : {};
}

const retriesMax = 100;

function endpointOf({ server, serverAddress, serverPort }: HaproxyFields): string | null {
  if (serverAddress === undefined || serverAddress === "-") return server ?? null;
  return serverPort === undefined ? serverAddress : `${serverAddress}:${serverPort}`;
}

function lastAttempt(
  fields: HaproxyFields,
  upstream: string | null,
  endpoint: string | null,
): AccessAttempt {
  const failure = failureOf(fields);
  const isAnswered =
    (millisecondsUs(fields.responseTime) ?? -1) >= 0 || fields.responseTime === undefined;
  const canceled = /^[Cc]/.test(fields.state ?? "") && !isAnswered;
  return attemptWith(upstream, endpoint, {
    status: isAnswered && !canceled ? statusOf(fields.status) : null,
    durationUs: serverTimeUs(fields),
    canceled,
    ...failure,
  });
}

/** Connecting, with the TLS handshake, and waiting for the answer. */
function serverTimeUs(fields: HaproxyFields): number | null {
  const connectUs = millisecondsUs(fields.connectTime);
  const responseUs = millisecondsUs(fields.responseTime);
  return connectUs === null || responseUs === null ? null : connectUs + responseUs;
}

/** Termination state → RFC 9209: the first letter is who ended it, the second in which phase. */
const stateErrors: Readonly<Record<string, ErrorType>> = {
  SC: "connection_refused",
  sC: "connection_timeout",
  SH: "connection_terminated",
  sH: "connection_read_timeout",
  SD: "http_response_incomplete",
  sD: "connection_read_timeout",
  SL: "http_response_incomplete",
  PH: "http_protocol_error",
  sQ: "connection_limit_reached",
  SQ: "destination_unavailable",
};

function failureOf(fields: HaproxyFields): Pick<AccessAttempt, "errorType" | "tlsReason"> {
  const state = (fields.state ?? "").slice(0, 2);
  const errorType = stateErrors[state] ?? byCause[state.charAt(0)] ?? null;
  const tlsReason = serverTlsReason(fields);
  if (tlsReason === null) return { errorType, tlsReason };
  return { errorType: tlsErrorTypeOf(tlsReason), tlsReason };
}

const byCause: Readonly<Record<string, ErrorType>> = {
  R: "proxy_internal_error",
  I: "proxy_internal_error",
  D: "connection_terminated",
  U: "connection_terminated",
  K: "connection_terminated",
};

/** HAProxy's connection errors 24 to 38 are those of TLS. */
function serverTlsReason(fields: HaproxyFields): TlsReason | null {
  const byCode =
    fields.serverTlsError === undefined ? null : openSslCodeReason(fields.serverTlsError);
  if (byCode !== null) return byCode;
  const error = wholeNumber(fields.serverError);
  if (error !== null && error >= 24 && error <= 38)
    return handshakeReason(fields.serverErrorText ?? "SSL handshake failure");
  const text = fields.serverErrorText ?? "";
  return /SSL|TLS/.test(text) ? handshakeReason(text) : null;
}

function clientTlsReason(fields: HaproxyFields): TlsReason | null {
  const byCertificate = x509CodeReason(wholeNumber(fields.clientCertificateError) ?? 0);
  if (byCertificate !== null) return byCertificate;
  const byCode =
    fields.clientTlsError === undefined ? null : openSslCodeReason(fields.clientTlsError);
  if (byCode !== null) return byCode;
  return /SSL|TLS/.test(fields.clientErrorText ?? "")
    ? handshakeReason(fields.clientErrorText ?? "")
    : null;
}

/** `SSL handshake failure` alone is HAProxy's word for any reason. */
function handshakeReason(text: string): TlsReason {
  return /^SSL handshake failure(?: after heartbeat)?$/.test(text)
    ? "other"
    : (tlsReasonOf(text) ?? "other");
}
