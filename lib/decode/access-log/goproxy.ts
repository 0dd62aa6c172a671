import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { type ClfReader, clfReader } from "./clf.ts";
import { goDurationUs } from "./duration.ts";
import { failureOf } from "./failure-text.ts";
import { jsonObject, textIn } from "./json.ts";
import { statusOf, wholeNumber } from "./number.ts";
import { requestLineOf } from "./request-line.ts";
import { isoTimeUs } from "./time.ts";
import { tokensOf } from "./tokens.ts";

/**
 * Reads what small Go proxies write: goproxy's slog errors, text and JSON, each of which is a request that failed,
 * and the common log with a Go duration at its end. Lines without a date, as goproxy.io's, are placed by their transport's.
 */
export function goproxyDecoder(): LineDecoder {
  const readClf = clfReader();
  return {
    format: "goproxy",
    decode(line, seenUs) {
      if (undatedLine.test(line)) return undatedRecord(line, seenUs);
      if (line.startsWith("{")) return jsonLine(line);
      return line.startsWith("time=") ? slogLine(line) : clfLine(line, readClf);
    },
  };
}

/** How surely a line is one of these, from 0 to 1. */
export function goproxyLikeness(line: string): number {
  if (undatedLine.test(line)) return 0.8;
  return /\bmsg"?[=:]"?failed to (?:query|list|download|get|cache|proxy) /.test(line) ? 0.9 : 0;
}

const undatedLine = /^(?<duration>\d+(?:\.\d+)?(?:ms|s)) (?<status>\d{3}) (?<path>\/\S*)/;
const undated =
  "The line has no date: send it with the time of its transport, or let a reverse proxy in front log the requests.";
const expected =
  'The line is none of goproxy: expected `time=2026-11-20T22:09:04Z level=ERROR msg="failed to ..." error="..." target=...`.';

/** goproxy.io's `0.630s 404 /path`, written at the end of a request. */
function undatedRecord(line: string, seenUs: number | undefined): AccessRecord | string {
  if (seenUs === undefined) return undated;
  const { duration = "", status = "", path = "" } = undatedLine.exec(line)?.groups ?? {};
  const durationUs = goDurationUs(duration);
  return recordWith("goproxy", seenUs - (durationUs ?? 0), {
    method: "GET",
    path,
    durationUs,
    status: statusOf(status),
  });
}

function jsonLine(line: string): AccessRecord | string {
  const object = jsonObject(line);
  if (object === null) return "The line begins with { but is no JSON object.";
  return errorRecord(
    textIn(object, "time") ?? "",
    textIn(object, "error") ?? "",
    textIn(object, "target") ?? "",
    textIn(object, "msg") ?? "",
  );
}

/** slog's text: values are quoted as Go quotes strings, and only when they must be. */
function slogLine(line: string): AccessRecord | string {
  const valueOf = (key: string): string => {
    const found = new RegExp(`\\b${key}=(?:"((?:[^"\\\\]|\\\\.)*)"|(\\S*))`).exec(line);
    return found?.[1] ?? found?.[2] ?? "";
  };
  return errorRecord(valueOf("time"), valueOf("error"), valueOf("target"), valueOf("msg"));
}

/** An error is an attempt that failed; what the client got is not in it. */
function errorRecord(
  time: string,
  error: string,
  target: string,
  message: string,
): AccessRecord | string {
  const startUs = isoTimeUs(time.replace(/(\.\d{6})\d+/, "$1"));
  if (startUs === null || !message.startsWith("failed to ")) return expected;
  const failure = failureOf(error);
  return recordWith("goproxy", startUs, {
    method: "GET",
    path: target === "" ? null : `/${target.replace(/^\//, "")}`,
    errorType: failure.errorType,
    attempts: [attemptWith(hostIn(error), null, failure)],
  });
}

function hostIn(error: string): string | null {
  return /https?:\/\/(?<host>[^/\s"\\]+)/.exec(error)?.groups?.["host"] ?? null;
}

/** The common log with `629ms` or `1.947s` at its end. */
function clfLine(line: string, readClf: ClfReader): AccessRecord | string {
  const clf = readClf(line);
  if (typeof clf === "string") return expected;
  const tokens = tokensOf(clf.tail);
  const durationUs = goDurationUs(tokens.at(-1)?.text ?? "");
  return recordWith("goproxy", clf.timeMs * 1000, {
    ...requestLineOf(clf.request),
    client: clf.client,
    durationUs,
    status: statusOf(clf.status),
    bytes: wholeNumber(clf.bytes),
  });
}
