import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";
import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { jsonObject, textIn, type JsonObject, numberIn } from "./json.ts";
import { millisecondsUs, statusOf, wholeNumber } from "./number.ts";
import { withTarget } from "./request-line.ts";
import { isoTimeUs } from "./time.ts";

/**
 * Reads Artifactory's request log of version 6 and 7, and the outbound log, whose lines are requests of Artifactory
 * to a remote repository: they are told by a full URL. Times are those of the end.
 */
export function artifactoryDecoder(
  _: string | null = null,
  clock: LocalClock = utcClock,
): LineDecoder {
  return {
    format: "artifactory",
    decode(line) {
      const request = line.startsWith("{") ? jsonLine(line) : barLine(line);
      return typeof request === "string" ? request : requestRecord(request, clock);
    },
  };
}

/** How surely a line is Artifactory's, from 0 to 1. */
export function artifactoryLikeness(line: string): number {
  if (line.startsWith("{"))
    return /"(request_uri|uber_trace|RequestPath)"/.test(line) && line.includes('"traceId"')
      ? 0.7
      : 0;
  return version7.test(line) || version6.test(line) ? 0.95 : 0;
}

const version7 = /^\d{4}-\d\d-\d\dT[\d:.]+Z?\|[0-9a-f]*\|[^|]*\|[^|]*\|[A-Z]+\|/;
const version6 = /^\d{14}\|\d+\|REQUEST\|/;
const expected =
  "The line is no Artifactory request: expected `time|trace|address|user|METHOD|path|status|length|length|ms|agent`.";

function barLine(line: string): Request | string {
  if (version6.test(line)) return version6Line(line);
  if (!version7.test(line)) return expected;
  const [
    time = "",
    trace = "",
    third = "",
    ,
    method = "",
    path = "",
    status,
    ,
    bytes,
    duration,
    ...agent
  ] = line.split("|");
  return {
    time,
    trace,
    third,
    method,
    path,
    status,
    bytes,
    duration,
    userAgent: agent.join("|"),
  };
}

interface Request {
  readonly time: string;
  readonly trace: string;
  /** Who asked; in the outbound log the remote repository. */
  readonly third: string;
  readonly method: string;
  readonly path: string;
  readonly status: string | undefined;
  readonly bytes: string | undefined;
  readonly duration: string | undefined;
  readonly userAgent: string;
}

function requestRecord(request: Request, clock: LocalClock): AccessRecord | string {
  const endUs = isoTimeUs(request.time, clock);
  if (endUs === null) return noTime;
  const durationUs = millisecondsUs(request.duration);
  const status = statusOf(request.status);
  const target = withTarget(request.method, slashed(request.path));
  const isOutbound = target.host !== null;
  return recordWith("artifactory", endUs - (durationUs ?? 0), {
    ...target,
    client: isOutbound ? null : request.third,
    userAgent: request.userAgent === "" ? null : request.userAgent,
    durationUs,
    status,
    bytes: wholeNumber(request.bytes),
    attempts: isOutbound ? [attemptWith(request.third, target.host, { status, durationUs })] : [],
    traceId: /^[0-9a-f]{16,32}$/.test(request.trace) ? request.trace : null,
  });
}

const noTime = "The line has no time that can be read: expected 2026-11-20T22:09:04.123Z.";

/** Some services behind the router log a path without its first slash. */
function slashed(path: string): string {
  return path.startsWith("/") || path.includes("://") ? path : `/${path}`;
}

/** `20200312164423|93|REQUEST|address|user|GET|/path|HTTP/1.1|200|0`; local time without a zone. */
function version6Line(line: string): Request {
  const [stamp = "", duration, , client = "", , method = "", path = "", , status, bytes] =
    line.split("|");
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(stamp) ?? [];
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  return {
    time,
    trace: "",
    third: client,
    method,
    path,
    status,
    bytes,
    duration,
    userAgent: "",
  };
}

/** The same with `logToStdoutJson`, and the router's log. */
function jsonLine(line: string): Request | string {
  const object = jsonObject(line);
  if (object === null) return "The line begins with { but is no JSON object.";
  return {
    time: textIn(object, "timestamp", "time", "@timestamp") ?? "",
    trace: textIn(object, "trace_id", "traceId", "request_Uber-Trace-Id") ?? "",
    third:
      textIn(object, "remote_address", "remote_ip", "ClientAddr", "remote_repository_name") ?? "",
    method: textIn(object, "request_method", "method", "RequestMethod") ?? "",
    path: textIn(object, "request_url", "url", "RequestPath", "request_uri") ?? "",
    status: numberText(object, "return_status", "status", "DownstreamStatus"),
    bytes: numberText(
      object,
      "response_content_length",
      "response_length",
      "DownstreamContentSize",
    ),
    duration: durationText(object),
    userAgent: textIn(object, "request_user_agent", "user_agent", "request_User-Agent") ?? "",
  };
}

function numberText(object: JsonObject, ...keys: string[]): string | undefined {
  const number = numberIn(object, ...keys);
  return number === null ? undefined : String(number);
}

/** Milliseconds; the router's `Duration` is in nanoseconds. */
function durationText(object: JsonObject): string | undefined {
  const nanoseconds = numberIn(object, "Duration");
  if (nanoseconds !== null) return String(Math.round(nanoseconds / 1000) / 1000);
  return numberText(object, "duration", "duration_ms", "request_duration");
}
