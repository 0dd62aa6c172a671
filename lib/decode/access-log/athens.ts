import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { recordWith } from "./blank.ts";
import { jsonObject, textIn } from "./json.ts";
import { statusOf } from "./number.ts";
import { withTarget } from "./request-line.ts";
import { isoTimeUs } from "./time.ts";

/**
 * Reads the request records of every generation of Athens: slog and logrus JSON, Google's, logrus text.
 * They tell method, path and status; a duration, a cache and an upstream they do not have.
 */
export function athensDecoder(): LineDecoder {
  return {
    format: "athens",
    decode(line, seenUs) {
      if (line.startsWith("{")) return jsonLine(line);
      return plain.test(line) ? plainLine(line, seenUs) : textLine(line);
    },
  };
}

/** How surely a line is Athens', from 0 to 1. */
export function athensLikeness(line: string): number {
  if (line.startsWith("{")) return line.includes('"http-path"') ? 0.95 : 0;
  if (plain.test(line)) return 0.9;
  return /^time="[^"]+" level=\w+ msg="/.test(line) && handler.test(line) ? 0.8 : 0;
}

function jsonLine(line: string): AccessRecord | string {
  const object = jsonObject(line);
  if (object === null) return "The line begins with { but is no JSON object.";
  if (textIn(object, "msg", "message") !== "incoming request") return notRequest;
  const startUs = isoTimeUs(
    (textIn(object, "time", "timestamp") ?? "").replace(/(\.\d{6})\d+/, "$1"),
  );
  if (startUs === null) return noTime;
  const status = object["http-status"];
  return athensRecord(startUs, {
    method: textIn(object, "http-method") ?? "",
    path: textIn(object, "http-path") ?? "",
    status: typeof status === "number" ? String(status) : (textIn(object, "http-status") ?? ""),
    requestId: textIn(object, "request-id"),
  });
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly requestId: string | null;
}

/** Athens names its requests by UUIDs, which the proxies around it may have as trace ids. */
function athensRecord(startUs: number, request: Request): AccessRecord {
  const hex = request.requestId?.replaceAll("-", "") ?? "";
  return recordWith("athens", startUs, {
    ...withTarget(request.method, request.path),
    status: statusOf(request.status),
    traceId: /^[0-9a-f]{32}$/i.test(hex) ? hex : null,
  });
}

const notRequest = 'The record is of no request: expected "msg":"incoming request".';
const noTime = "The record has no time that can be read: expected 2026-11-20T22:09:04Z.";
/** `INFO[3:04PM]: message\tkey=value key=value ` */
const plain = /^(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|PANIC)\[\d{1,2}:\d\d[AP]M\]: /;
const handler = /handler: (?<method>[A-Z]+) (?<path>\S+) \[(?<status>\d{3})\]/;
const undated =
  "Athens' plain log has no date: set its log format to JSON (ATHENS_LOG_FORMAT=json), or send lines with the time of their transport.";
const expected =
  'The line is no request record of Athens: expected JSON with "msg":"incoming request".';

/** `INFO[3:04PM]: incoming request\tkey=value key=value `, which only the transport can date. */
function plainLine(line: string, seenUs: number | undefined): AccessRecord | string {
  if (!line.includes("]: incoming request")) return plainNotRequest;
  if (seenUs === undefined) return undated;
  const valueOf = (key: string): string => new RegExp(`\\b${key}=(\\S*)`).exec(line)?.[1] ?? "";
  return athensRecord(seenUs, {
    method: valueOf("http-method"),
    path: valueOf("http-path"),
    status: valueOf("http-status"),
    requestId: valueOf("request-id"),
  });
}

const plainNotRequest = "The record is of no request: expected `incoming request`.";

/** Logrus text of 2018 and 2019: `time="..." level=info msg="..."` with `handler: GET /path [200]`. */
function textLine(line: string): AccessRecord | string {
  const startUs = isoTimeUs(/^time="([^"]+)"/.exec(line)?.[1] ?? "");
  const groups = handler.exec(line)?.groups;
  if (startUs === null || groups === undefined) return expected;
  const { method = "", path = "", status = "" } = groups;
  return athensRecord(startUs, { method, path, status, requestId: null });
}
