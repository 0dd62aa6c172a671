import {
  type AccessAttempt,
  type AccessRecord,
  heldLine,
  type LineDecoder,
} from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { type ClfField, type ClfFields, clfFormatReader } from "./clf-format.ts";
import { type ClfReader, clfReader } from "./clf.ts";
import { unescaped } from "./escape.ts";
import { failureOf } from "./failure-text.ts";
import { jsonObject, type JsonObject } from "./json.ts";
import { millisecondsUs, secondsUs, statusOf, wholeNumber } from "./number.ts";
import { requestLineOf, type RequestLine, withTarget } from "./request-line.ts";
import { clfTimeReader, epochTimeUs, isoTimeUs } from "./time.ts";
import { tokensOf } from "./tokens.ts";
import { VarnishJoiner, type VarnishSide } from "./varnish/joined.ts";

/**
 * Reads varnishncsa: its default format, what `-F` describes, and JSON. With `-c -b` and the fields `side`, `vxid`,
 * `parent` and `reason` (`%{VSL:Begin[2]}x`, `[3]`), the records of attempts are kept for the request they belong to; with
 * `link` and `link_reason` (`%{VSL:Link[2]}x`, `[3]`), also where they come after it.
 */
export function varnishDecoder(logFormat: string | null): LineDecoder {
  const readFormat =
    logFormat === null || /^\s*\{/.test(logFormat) ? null : clfFormatReader(logFormat);
  if (typeof readFormat === "string") return { format: "varnish", decode: () => readFormat };
  const readClf = clfReader();
  const makeRecord = recordMaker();
  return {
    format: "varnish",
    decode(line) {
      if (line.startsWith("{")) return jsonLine(line, makeRecord);
      if (readFormat === null) return plainLine(line, readClf, makeRecord);
      const found = readFormat(line);
      return "refusal" in found ? found.refusal : makeRecord(found.fields, found.unread);
    },
  };
}

/** How surely a line is Varnish's, from 0 to 1: only it writes full URLs in the common log and sides in JSON. */
export function varnishLikeness(line: string): number {
  if (line.startsWith("{"))
    return /"(side|handling)":"/.test(line) && line.includes('"vxid"') ? 0.95 : 0;
  return /\] "[A-Z-]+ https?:\/\/\S+ HTTP\/\d(?:\.\d)?" \d{3} (?:\d+|-) "[^"]*" "[^"]*"$/.test(line)
    ? 0.7
    : 0;
}

type RecordMaker = (fields: ClfFields, unread: string | null) => AccessRecord | string;

/** The default format: a full URL in the request line, the agent last. */
function plainLine(
  line: string,
  readClf: ClfReader,
  makeRecord: RecordMaker,
): AccessRecord | string {
  const clf = readClf(line);
  if (typeof clf === "string") return clf;
  const [, userAgent, ...rest] = tokensOf(clf.tail);
  const { client, request, status, bytes } = clf;
  return makeRecord(
    {
      client: client ?? undefined,
      request,
      status,
      bytes,
      userAgent: userAgent?.text,
      time: String(clf.timeMs / 1000),
    },
    rest.length === 0 ? null : rest.map(({ text }) => text).join(" "),
  );
}

/** Keys as our documentation recommends them, and as others name them. */
const keys: Readonly<Record<string, ClfField>> = {
  side: "side",
  vxid: "vxid",
  parent: "parent",
  begin: "parent",
  reason: "reason",
  link: "link",
  link_reason: "linkReason",
  host: "client",
  client: "client",
  remote_addr: "client",
  msec: "milliseconds",
  time: "time",
  timestamp: "time",
  request: "request",
  method: "method",
  url: "path",
  path: "path",
  query: "query",
  status: "status",
  bytes: "bytes",
  duration_us: "microseconds",
  duration_s: "seconds",
  handling: "handling",
  ua: "userAgent",
  user_agent: "userAgent",
  backend: "backend",
  fetcherror: "fetchError",
  traceparent: "traceparent",
};

function jsonLine(line: string, makeRecord: RecordMaker): AccessRecord | string {
  const object =
    jsonObject(line) ?? jsonObject(line.replaceAll(/\\x([0-9a-f]{2})/g, String.raw`\u00$1`));
  if (object === null) return "The line begins with { but is no JSON object.";
  return makeRecord(fieldsOf(object), null);
}

function fieldsOf(object: JsonObject): ClfFields {
  const fields: ClfFields = {};
  for (const [key, value] of Object.entries(object)) {
    const field = keys[key.toLowerCase()];
    if (field !== undefined && (typeof value === "string" || typeof value === "number"))
      fields[field] = String(value);
  }
  // Beside a time, `msec` is the same in milliseconds since 1970; nobody else gives it.
  if (fields.milliseconds !== undefined && fields.milliseconds.length > 11) {
    fields.time = fields.milliseconds;
    delete fields.milliseconds;
  }
  return fields;
}

function recordMaker(): RecordMaker {
  const readTime = clfTimeReader();
  const joiner = new VarnishJoiner<ClientSide, AccessAttempt>();
  return (fields, unread) => {
    const text = (fields.time ?? "").replace(/^\[(.*)\]$/, "$1");
    const ms = readTime(text);
    const startUs = ms === null ? (isoTimeUs(text) ?? epochTimeUs(text)) : ms * 1000;
    if (startUs === null) return noTime;
    const ids = idsOf(fields, startUs);
    const joined =
      fields.side === "b"
        ? joiner.attempt({
            ...ids,
            parent: valueOf(fields.parent),
            reason: valueOf(fields.reason),
            value: attemptOf(fields),
          })
        : joiner.request({ ...ids, value: { fields, startUs, unread } });
    return joined === null ? heldLine : recordOf(joined.request, joined.attempts);
  };
}

/** A request's own record. */
interface ClientSide {
  readonly fields: ClfFields;
  readonly startUs: number;
  readonly unread: string | null;
}

function idsOf(fields: ClfFields, startUs: number): Omit<VarnishSide<unknown>, "value"> {
  return {
    vxid: valueOf(fields.vxid),
    link: valueOf(fields.link),
    linkReason: valueOf(fields.linkReason),
    startUs,
  };
}

const noTime =
  "The line has no time that can be read: expected %t, such as [20/Nov/2026:22:16:27 +0000].";

/** A failed attempt is logged with Varnish's own 503. */
function attemptOf(fields: ClfFields): AccessAttempt {
  const error = valueOf(fields.fetchError);
  const status = statusOf(fields.status);
  return attemptWith(valueOf(fields.backend) ?? backendIn(error), null, {
    durationUs: durationOf(fields),
    status: error === null ? status : null,
    ...(error === null ? {} : failureOf(error)),
  });
}

/** A backend to which no connection was opened is named by the error only: `backend a: fail errno 111 (...)`. */
function backendIn(error: string | null): string | null {
  return /^backend (?<name>[^\s:]+): /.exec(error ?? "")?.groups?.["name"] ?? null;
}

function recordOf(
  { fields, startUs, unread }: ClientSide,
  attempts: readonly AccessAttempt[],
): AccessRecord {
  const status = statusOf(fields.status);
  const request = requestOf(fields);
  return recordWith("varnish", startUs, {
    ...request,
    host: request.host,
    client: valueOf(fields.client),
    userAgent: valueOf(fields.userAgent),
    durationUs: durationOf(fields),
    status,
    bytes: bytesOf(fields.bytes),
    cacheWord: fields.handling ?? null,
    errorType: status !== null && status >= 500 ? (attempts.at(-1)?.errorType ?? null) : null,
    attempts,
    traceId: valueOf(fields.traceparent)?.slice(3, 35) ?? null,
    unread,
  });
}

/** Varnish writes `-` for no bytes. */
function bytesOf(text: string | undefined): number | null {
  return text === "-" ? 0 : wholeNumber(text);
}

function valueOf(text: string | undefined): string | null {
  return text === undefined || text === "" || text === "-" ? null : unescaped(text);
}

function durationOf(fields: ClfFields): number | null {
  return (
    wholeNumber(fields.microseconds) ??
    millisecondsUs(fields.milliseconds) ??
    secondsUs(fields.seconds)
  );
}

function requestOf(fields: ClfFields): RequestLine {
  if (fields.request !== undefined) return requestLineOf(unescaped(fields.request));
  const method = valueOf(fields.method);
  if (method === null) return { method: null, path: null, host: null };
  return withTarget(method, (valueOf(fields.path) ?? "") + (valueOf(fields.query) ?? ""));
}
