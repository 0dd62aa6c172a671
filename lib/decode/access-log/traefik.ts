import type { AccessAttempt, AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { type ClfReader, clfReader } from "./clf.ts";
import { goDurationUs } from "./duration.ts";
import { unescaped } from "./escape.ts";
import {
  asObject,
  countIn,
  type JsonObject,
  jsonObject,
  numberIn,
  statusIn,
  textIn,
} from "./json.ts";
import { statusOf, wholeNumber } from "./number.ts";
import { requestLineOf, withTarget } from "./request-line.ts";
import { isoTimeUs } from "./time.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** Reads Traefik's access log, JSON and CLF; both log when a request began. */
export function traefikDecoder(): LineDecoder {
  const readClf = clfReader();
  return {
    format: "traefik",
    decode: (line) => (line.startsWith("{") ? jsonLine(line) : clfLine(line, readClf)),
  };
}

/** How surely a line is Traefik's, from 0 to 1. */
export function traefikLikeness(line: string): number {
  if (line.startsWith("{"))
    return /"(DownstreamStatus|RouterName|ClientHost)"/.test(line) ? 0.95 : 0;
  return /" \d+ (?:"[^"]*"|-) (?:"[^"]*"|-) \d+ms$/.test(line) ? 0.95 : 0;
}

function clfLine(line: string, readClf: ClfReader): AccessRecord | string {
  const clf = readClf(line);
  if (typeof clf === "string") return clf;
  const [, userAgent, , , service, duration, ...rest] = tokensOf(clf.tail);
  const status = statusOf(clf.status);
  const address = hostOf(valueOf(service) ?? "");
  return recordWith("traefik", clf.timeMs * 1000, {
    ...requestLineOf(clf.request.replaceAll('\\"', '"')),
    client: clf.client,
    userAgent: valueOf(userAgent),
    durationUs: goDurationUs(duration?.text ?? ""),
    status,
    bytes: wholeNumber(clf.bytes),
    attempts: address === null ? [] : [attemptWith(null, address, { status })],
    unread: rest.length === 0 ? null : rest.map(({ text }) => text).join(" "),
  });
}

function valueOf(token: Token | undefined): string | null {
  return token === undefined || token.text === "-" || token.text === ""
    ? null
    : unescaped(token.text);
}

/** `http://172.17.0.3:80/path` → `172.17.0.3:80` */
function hostOf(url: string): string | null {
  return /^\w+:\/\/(?<host>[^/]+)/.exec(url)?.groups?.["host"] ?? null;
}

function jsonLine(line: string): AccessRecord | string {
  const object = jsonObject(line);
  if (object === null) return "The line begins with { but is no JSON object.";
  const startUs = isoTimeUs(microseconds(textIn(object, "StartUTC", "StartLocal", "time") ?? ""));
  if (startUs === null) return noStart;
  const method = textIn(object, "RequestMethod");
  return recordWith("traefik", startUs, {
    ...(method === null ? {} : withTarget(method, textIn(object, "RequestPath") ?? "")),
    host: textIn(object, "RequestHost", "RequestAddr"),
    // All of X-Forwarded-For: the client is the first.
    client: textIn(object, "ClientHost")?.split(",")[0] ?? null,
    userAgent: textIn(object, "request_User-Agent"),
    durationUs: nanosecondsUs(object, "Duration"),
    status: statusIn(object, "DownstreamStatus"),
    bytes: countIn(object, "DownstreamContentSize"),
    attempts: attemptsOf(object),
    traceId: textIn(object, "TraceId", "trace_id"),
  });
}

const noStart =
  "The line has no start time: expected Traefik's JSON with StartUTC, such as 2026-11-20T22:09:04.123Z.";

/** Nanoseconds are more than a time here holds. */
function microseconds(time: string): string {
  return time.replace(/(\.\d{6})\d+/, "$1");
}

function nanosecondsUs(object: JsonObject, key: string): number | null {
  const nanoseconds = numberIn(object, key);
  return nanoseconds === null || nanoseconds < 0 ? null : Math.round(nanoseconds / 1000);
}

/** The service in the line was asked last; how long the retries before it took is in its duration. */
function attemptsOf(object: JsonObject): AccessAttempt[] {
  const status = statusIn(object, "OriginStatus");
  const upstream = textIn(object, "ServiceName", "BackendName");
  const endpoint = textIn(object, "ServiceAddr", "BackendAddr") ?? serviceHost(object);
  // Without an origin's status Traefik answered by itself.
  if (status === null || (upstream === null && endpoint === null)) return [];
  const retries = Math.min(countIn(object, "RetryAttempts") ?? 0, retriesMax);
  const durationUs = retries === 0 ? nanosecondsUs(object, "OriginDuration") : null;
  return [
    ...Array.from({ length: retries }, () => attemptWith(upstream, null, {})),
    attemptWith(upstream, endpoint, { status, durationUs }),
  ];
}

const retriesMax = 100;

/** The URL is a string in newer versions, an object in older ones. */
function serviceHost(object: JsonObject): string | null {
  const url = object["ServiceURL"] ?? object["BackendURL"];
  if (typeof url === "string") return hostOf(url);
  const parts = asObject(url);
  return parts === null ? null : textIn(parts, "Host");
}
