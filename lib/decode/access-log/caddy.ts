import type { ErrorType } from "#lib/core/error-type.ts";
import {
  type AccessAttempt,
  type AccessRecord,
  heldLine,
  type LineDecoder,
} from "#lib/decode/access-record.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { goDurationUs } from "./duration.ts";
import { type Failure, failureOf } from "./failure-text.ts";
import {
  asObject,
  countIn,
  type JsonObject,
  jsonObject,
  numberIn,
  statusIn,
  textIn,
} from "./json.ts";
import { withTarget } from "./request-line.ts";
import { epochTimeUs, isoTimeUs } from "./time.ts";

/**
 * Reads Caddy's JSON log. Access records may hold what `log_append` added; the error records and the debug records
 * of single attempts that come before an access record are kept for it.
 */
export function caddyDecoder(): LineDecoder {
  const pending = new Map<string, Pending>();
  return {
    format: "caddy",
    decode(line) {
      const object = jsonObject(line);
      if (object === null) return notCaddy;
      const request = asObject(object["request"]);
      if (request === null) return otherRecord(object);
      const logger = textIn(object, "logger") ?? "";
      if (logger.startsWith("http.log.access"))
        return accessRecord(object, request, take(pending, keyOf(request)));
      if (pending.size >= pendingMax) pending.clear();
      const held = pending.get(keyOf(request)) ?? { attempts: [], failure: null };
      pending.set(keyOf(request), added(held, object, logger));
      return heldLine;
    },
  };
}

/** How surely a line is Caddy's, from 0 to 1. */
export function caddyLikeness(line: string): number {
  if (!line.startsWith("{")) return 0;
  if (/"logger":"http\.(log|stdlib|handlers)/.test(line)) return 0.95;
  return /^\{"level":"\w+","ts":/.test(line) ? 0.5 : 0;
}

/** What records before the access record said of a request. */
interface Pending {
  readonly attempts: readonly AccessAttempt[];
  readonly failure: Failure | null;
}

/** Requests that never end with an access record are forgotten all at once. */
const pendingMax = 1_000;
const notCaddy =
  "The line is no JSON object: Caddy writes one per line unless its log is set to another format.";

function keyOf(request: JsonObject): string {
  return [
    textIn(request, "remote_ip", "remote_addr"),
    textIn(request, "remote_port"),
    textIn(request, "method"),
    textIn(request, "uri"),
  ].join(" ");
}

function take(pending: Map<string, Pending>, key: string): Pending | null {
  const held = pending.get(key) ?? null;
  pending.delete(key);
  return held;
}

function added(held: Pending, object: JsonObject, logger: string): Pending {
  const upstream = textIn(object, "upstream");
  if (upstream !== null && object["msg"] === "upstream roundtrip") {
    return {
      ...held,
      attempts: [...held.attempts.slice(-attemptsMax), roundtrip(object, upstream)],
    };
  }
  if (!logger.startsWith("http.log.error")) return held;
  return { ...held, failure: failureOf(textIn(object, "msg", "error") ?? "") };
}

const attemptsMax = 100;

/** The debug record of one attempt. */
function roundtrip(object: JsonObject, upstream: string): AccessAttempt {
  const error = textIn(object, "error");
  return attemptWith(null, upstream, {
    durationUs: secondsIn(object, "duration"),
    status: statusIn(object, "status"),
    ...(error === null ? {} : failureOf(error)),
  });
}

/** A failed handshake with a client is a record without a request. */
function otherRecord(object: JsonObject): AccessRecord | string {
  const found = handshake.exec(textIn(object, "msg") ?? "")?.groups;
  const startUs = timeUs(object);
  if (found === undefined || startUs === null) return notAccess;
  const client = (found["client"] ?? "").replace(/:\d+$/, "");
  return recordWith("caddy", startUs, {
    client,
    clientTlsReason: tlsReasonOf(`tls: ${found["text"]}`) ?? "other",
  });
}

const handshake = /^http: TLS handshake error from (?<client>\S+): (?<text>.*)$/;
const notAccess =
  'The line is no access record of Caddy: expected "logger":"http.log.access" with a request.';

function accessRecord(
  object: JsonObject,
  request: JsonObject,
  held: Pending | null,
): AccessRecord | string {
  const endUs = timeUs(object);
  if (endUs === null)
    return "The record has no `ts` that can be read: expected seconds since 1970 or ISO 8601.";
  const durationUs = secondsIn(object, "duration");
  const attempts = attemptsOf(object, held);
  const status = statusIn(object, "status");
  return recordWith("caddy", endUs - (durationUs ?? 0), {
    ...withTarget(textIn(request, "method") ?? "", textIn(request, "uri") ?? ""),
    host: textIn(request, "host"),
    client: textIn(request, "client_ip", "remote_ip"),
    userAgent: userAgentOf(request),
    durationUs,
    status,
    bytes: countIn(object, "size"),
    errorType: errorOf(status, attempts, held),
    attempts,
    traceId: textIn(object, "traceID", "trace_id"),
  });
}

function errorOf(
  status: number | null,
  attempts: readonly AccessAttempt[],
  held: Pending | null,
): ErrorType | null {
  if (status === null || status < 500) return null;
  return attempts.at(-1)?.errorType ?? held?.failure?.errorType ?? null;
}

/** Seconds since 1970 unless `time_format` says otherwise. */
function timeUs(object: JsonObject): number | null {
  const time = object["ts"];
  if (typeof time === "number") return Math.round(time > 1e11 ? time * 1000 : time * 1_000_000);
  return typeof time === "string" ? (isoTimeUs(time) ?? epochTimeUs(time)) : null;
}

/** Seconds unless `duration_format` says otherwise: text with a unit, or nanoseconds. */
function secondsIn(object: JsonObject, key: string): number | null {
  const text = object[key];
  if (typeof text === "string") return goDurationUs(text);
  const seconds = numberIn(object, key);
  if (seconds === null || seconds < 0) return null;
  return Math.round(seconds >= secondsMax ? seconds / 1000 : seconds * 1_000_000);
}

/** No request takes a month: a larger number counts nanoseconds. */
const secondsMax = 2_592_000;

function userAgentOf(request: JsonObject): string | null {
  const values = asObject(request["headers"])?.["User-Agent"];
  const first: unknown = Array.isArray(values) ? values[0] : null;
  return typeof first === "string" ? first : null;
}

/** Attempts of the debug log, else the last one by what `log_append` added. */
function attemptsOf(object: JsonObject, held: Pending | null): readonly AccessAttempt[] {
  if (held !== null && held.attempts.length > 0) return held.attempts;
  const upstream = textIn(
    object,
    "upstream",
    "upstream_hostport",
    "upstream_addr",
    "http.reverse_proxy.upstream.hostport",
  );
  if (upstream === null) return [];
  const retries = Math.min(countIn(object, "retries", "upstream_retries") ?? 0, attemptsMax);
  const milliseconds = numberIn(object, "upstream_duration_ms", "upstream_latency_ms");
  const last = attemptWith(null, upstream, {
    durationUs: milliseconds === null ? null : Math.round(milliseconds * 1000),
    status: statusIn(object, "upstream_status", "upstream_status_code"),
    ...held?.failure,
  });
  return [...Array.from({ length: retries }, () => attemptWith(null, null, {})), last];
}
