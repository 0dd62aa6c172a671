import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { hexUnescaped } from "../escape.ts";
import { secondsUs, statusOf, wholeNumber } from "../number.ts";
import { type RequestLine, requestLineOf, withTarget } from "../request-line.ts";
import { anyTimeReader, epochTimeUs } from "../time.ts";
import { attemptsOf, isMissing } from "./attempts.ts";
import type { Scan } from "./combined.ts";
import { slots, type Values } from "./variables.ts";

/** A line that was read. */
export type Understood = Exclude<Scan, { readonly refusal: string }>;

export type RecordMaker = (values: Values, scan: Understood) => AccessRecord | string;

/** Makes records of one stream's values. nginx logs the end of a request, so its start is that less its duration. */
export function recordMaker(): RecordMaker {
  const readTime = anyTimeReader();
  return (values, scan) => {
    const endUs = endTimeUs(values, readTime);
    if (endUs === null) return noTime;
    if (isSilent(values)) return noRequestNorStatus;
    const status = statusOf(values[slots.status]);
    if (status === null && !isNoStatus(values[slots.status])) return noStatus;
    return recordOf(values, endUs, status, scan);
  };
}

const noTime =
  "The line has no time that can be read: expected $time_local (20/Nov/2026:22:09:04 +0000), $time_iso8601 or $msec.";
const noRequestNorStatus =
  "The line tells neither of a request nor of its status: expected $request or $status.";
const noStatus = "The status is no number: expected three digits, such as 200.";

function isSilent(values: Values): boolean {
  return (
    values[slots.status] === undefined &&
    values[slots.request] === undefined &&
    values[slots.request_method] === undefined
  );
}

function isNoStatus(text: string | undefined): boolean {
  return isMissing(text) || /^0+$/.test(text);
}

function recordOf(
  values: Values,
  endUs: number,
  status: number | null,
  { unread, isEscaped }: Understood,
): AccessRecord {
  const plain = isEscaped ? hexUnescaped : asItIs;
  const textOf = (value: string | undefined): string | null =>
    isMissing(value) ? null : plain(value);
  const request = requestOf(values, plain);
  const attempts = attemptsOf(values, status);
  const durationUs = secondsUs(values[slots.request_time]);
  const cacheWord = cacheWordOf(values);
  return {
    format: "nginx",
    startUs: endUs - (durationUs ?? 0),
    durationUs: wasUpdatedBehind(cacheWord, attempts) ? null : durationUs,
    method: request.method,
    path: request.path,
    host: textOf(values[slots.host]) ?? textOf(values[slots.http_host]) ?? request.host,
    client: textOf(values[slots.remote_addr]),
    userAgent: textOf(values[slots.http_user_agent]),
    status,
    bytes: wholeNumber(values[slots.body_bytes_sent]) ?? wholeNumber(values[slots.bytes_sent]),
    cacheWord,
    errorType: errorOf(status, attempts),
    clientTlsReason: clientTlsReason(values, status),
    attempts,
    traceId: traceIdOf(values),
    unread,
  };
}

/**
 * A stale answer that asked no upstream was followed by an update in the background, and `$request_time` holds both:
 * how long the client waited is not known.
 */
function wasUpdatedBehind(cacheWord: string | null, attempts: readonly AccessAttempt[]): boolean {
  return cacheWord === "STALE" && attempts.length === 0;
}

function endTimeUs(values: Values, readTime: (text: string) => number | null): number | null {
  const msec = values[slots.msec];
  if (msec !== undefined) {
    const us = epochTimeUs(msec);
    if (us !== null) return us;
  }
  const text = values[slots.time_local] ?? values[slots.time_iso8601] ?? values[slots.time];
  return text === undefined ? null : readTime(text);
}

function requestOf(values: Values, plain: (text: string) => string): RequestLine {
  const line = values[slots.request];
  if (!isMissing(line)) {
    const request = requestLineOf(plain(line));
    if (request.method !== null) return request;
  }
  const method = values[slots.request_method];
  if (isMissing(method)) return noRequest;
  return withTarget(method, plain(targetOf(values)));
}

const noRequest: RequestLine = { method: null, path: null, host: null };

function targetOf(values: Values): string {
  const target = values[slots.request_uri];
  if (!isMissing(target)) return target;
  const path = values[slots.uri];
  const query = values[slots.args];
  if (isMissing(path)) return "";
  return isMissing(query) || path.includes("?") ? path : `${path}?${query}`;
}

function cacheWordOf(values: Values): string | null {
  const word = values[slots.upstream_cache_status];
  if (word === undefined) return null;
  return word === "" ? "-" : word;
}

/** A 5xx that nginx made because its last attempt got no answer has the attempt's error. */
function errorOf(status: number | null, attempts: readonly AccessAttempt[]): ErrorType | null {
  return status !== null && status >= 500 ? (attempts.at(-1)?.errorType ?? null) : null;
}

const tlsStatuses: ReadonlyMap<number, TlsReason> = new Map<number, TlsReason>([
  [495, "certificate_verify_failed"],
  [496, "certificate_required"],
  [497, "http_request"],
]);

function clientTlsReason(values: Values, status: number | null): TlsReason | null {
  const verify = values[slots.ssl_client_verify];
  if (verify !== undefined && verify.startsWith("FAILED")) {
    return tlsReasonOf(`certificate ${verify}`) ?? "certificate_verify_failed";
  }
  return status === null ? null : (tlsStatuses.get(status) ?? null);
}

function traceIdOf(values: Values): string | null {
  const parent = values[slots.http_traceparent];
  if (parent !== undefined && parent.length >= 55) return parent.slice(3, 35);
  const trace = values[slots.otel_trace_id];
  if (!isMissing(trace)) return trace;
  const request = values[slots.request_id];
  return request?.length === 32 ? request : null;
}

function asItIs(text: string): string {
  return text;
}
