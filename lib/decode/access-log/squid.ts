import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";
import type { AccessAttempt, AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

import { attemptWith, recordWith } from "./blank.ts";
import { type ClfReader, clfReader } from "./clf.ts";
import { failureOf } from "./failure-text.ts";
import { millisecondsUs, statusOf, wholeNumber } from "./number.ts";
import { withTarget } from "./request-line.ts";
import {
  type SquidTimePart,
  squidClock,
  squidTimeParts,
  squidTimeUs,
  timePartCode,
  withTimeParts,
} from "./squid-time.ts";
import { compiledTemplate, scanTemplate, type Template, type Variable } from "./template.ts";
import { epochTimeUs } from "./time.ts";

/** Reads Squid's native format, its combined one, or what a `logformat` describes. Squid logs when a request ended. */
export function squidDecoder(logFormat: string | null, clock: LocalClock = utcClock): LineDecoder {
  const reader = logFormat === null ? null : formatReader(logFormat, clock);
  if (typeof reader === "string") return { format: "squid", decode: () => reader };
  const readClf = clfReader();
  return {
    format: "squid",
    decode(line) {
      if (reader !== null) return reader(line);
      return native.test(line) ? nativeLine(line) : combinedLine(line, readClf);
    },
  };
}

/** How surely a line is Squid's, from 0 to 1. */
export function squidLikeness(line: string): number {
  return native.test(line) || /" (?:TCP|UDP|NONE)_?[A-Z_]*:[A-Z_]+$/.test(line) ? 0.95 : 0;
}

/** What a line says, as it was written. */
interface SquidFields {
  endUs?: number | null | undefined;
  durationMs?: string | undefined;
  client?: string | undefined;
  tag?: string | undefined;
  status?: string | undefined;
  upstreamStatus?: string | undefined;
  bytes?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
  hierarchy?: string | undefined;
  peer?: string | undefined;
  peerPort?: string | undefined;
  peerName?: string | undefined;
  peerTimeMs?: string | undefined;
  requestAttempts?: string | undefined;
  errorCode?: string | undefined;
  errorDetail?: string | undefined;
  userAgent?: string | undefined;
}

const native =
  /^\s*(?<end>\d{9,10}\.\d{3})\s+(?<durationMs>-?\d+) (?<client>\S+) (?<tag>[A-Z_]+)\/(?<status>\d{3}) (?<bytes>-?\d+) (?<method>\S+) (?<url>\S+) (?<user>.+?) (?<hierarchy>[A-Z_]+)\/(?<peer>\S+) (?<mime>\S+)(?<tail>.*)$/;
const expected =
  "The line is no Squid access line: expected `1795212876.377 1 client TCP_MISS/200 381 GET url - HIER_DIRECT/host type`.";

function nativeLine(line: string): AccessRecord | string {
  const groups = native.exec(line)?.groups;
  if (groups === undefined) return expected;
  const { end = "", tail = "" } = groups;
  return squidRecord(
    { ...groups, endUs: epochTimeUs(end) },
    tail.trim() === "" ? null : tail.trim(),
  );
}

/** Combined, with `TCP_MISS:HIER_DIRECT` at its end. */
function combinedLine(line: string, readClf: ClfReader): AccessRecord | string {
  const clf = readClf(line);
  if (typeof clf === "string") return expected;
  const tail = combinedTail(clf.tail);
  const request = isRequest.exec(clf.request)?.groups ?? {};
  return squidRecord(
    {
      ...tail,
      ...request,
      endUs: clf.timeMs * 1000,
      client: clf.client ?? undefined,
      status: clf.status,
      bytes: clf.bytes,
    },
    tail === null && clf.tail !== "" ? clf.tail.trim() : null,
  );
}

const isRequest = /^(?<method>[A-Z_-]+) (?<url>\S+)/;
/** ` "referrer" "agent" TAG:HIERARCHY`. Squid escapes no quote, so the agent reaches to the last one. */
function combinedTail(tail: string): SquidFields | null {
  const agentAt = tail.indexOf('" "', 2) + 3;
  const end = tail.lastIndexOf('"');
  if (!tail.startsWith(' "') || agentAt < 3 || end < agentAt) return null;
  const tags = tail
    .slice(end + 1)
    .trim()
    .split(":");
  if (tags.length > 2) return null;
  return { userAgent: tail.slice(agentAt, end), tag: tags[0] || undefined, hierarchy: tags[1] };
}

function squidRecord(fields: SquidFields, unread: string | null): AccessRecord | string {
  const { endUs } = fields;
  if (endUs === null || endUs === undefined) return noTime;
  const durationUs = millisecondsUs(fields.durationMs);
  const attempts = attemptsOf(fields);
  const isClientTls = fields.errorCode === "ERR_SECURE_ACCEPT_FAIL";
  return recordWith("squid", endUs - (durationUs ?? 0), {
    ...requestOf(fields),
    client: valueOf(fields.client),
    userAgent: valueOf(fields.userAgent),
    durationUs,
    status: statusOf(fields.status),
    bytes: wholeNumber(fields.bytes),
    cacheWord: fields.tag ?? null,
    errorType: (attempts.at(-1) ?? failureIn(fields))?.errorType ?? null,
    clientTlsReason: isClientTls ? failureOf(`SSL ${fields.errorDetail ?? ""}`).tlsReason : null,
    attempts,
    unread,
  });
}

const noTime = "The line has no time that can be read: expected %ts.%03tu or [%tl].";

function valueOf(text: string | undefined): string | null {
  return text === undefined || text === "-" || text === "" ? null : text;
}

/** Instead of a request that was none, Squid logs `error:` and what was wrong. */
function requestOf(fields: SquidFields): Pick<AccessRecord, "method" | "path" | "host"> {
  const method = valueOf(fields.method);
  const url = valueOf(fields.url);
  if (method === null || url === null || url.startsWith("error:")) {
    return { method: null, path: null, host: null };
  }
  return withTarget(method, url);
}

/** `NONE` before 3.2; `TIMEOUT_` in front tells of the search for a peer. */
function wasAsked({ hierarchy, peer }: SquidFields): boolean {
  const code = (hierarchy ?? "-").replace(/^TIMEOUT_/, "");
  return (
    !["-", "", "NONE", "HIER_NONE"].includes(code) ||
    (hierarchy === undefined && valueOf(peer) !== null)
  );
}

function attemptsOf(fields: SquidFields): AccessAttempt[] {
  if (!wasAsked(fields) && !hasPeerFailed(fields)) return [];
  const before = Math.min((wholeNumber(fields.requestAttempts) ?? 1) - 1, attemptsMax);
  const unknown = Array.from({ length: Math.max(before, 0) }, () => attemptWith(null, null, {}));
  return [...unknown, lastAttempt(fields)];
}

const attemptsMax = 100;

/** Of a peer that was asked in vain Squid logs no more than the error: neither its name nor its address. */
function hasPeerFailed({ errorCode, errorDetail }: SquidFields): boolean {
  return peerErrors.has(errorCode ?? "") && errorDetail?.startsWith("WITH_CLIENT") !== true;
}

const peerErrors: ReadonlySet<string> = new Set([
  "ERR_SECURE_CONNECT_FAIL",
  "ERR_CONNECT_FAIL",
  "ERR_READ_TIMEOUT",
  "ERR_READ_ERROR",
  "ERR_WRITE_ERROR",
  "ERR_ZERO_SIZE_OBJECT",
  "ERR_INVALID_RESP",
]);

function lastAttempt(fields: SquidFields): AccessAttempt {
  const failure = failureIn(fields);
  const status = statusOf(fields.upstreamStatus ?? fields.status);
  const canceled = failure === null && fields.tag?.endsWith("_ABORTED") === true && status === null;
  return attemptWith(valueOf(fields.peerName) ?? upstreamOf(fields), endpointOf(fields), {
    status: failure === null ? status : null,
    durationUs: millisecondsUs(fields.peerTimeMs),
    ...failure,
    canceled,
  });
}

/** Asked directly, the upstream is the host of the URL. */
function upstreamOf({ hierarchy, method, url }: SquidFields): string | null {
  if (hierarchy === undefined || !hierarchy.endsWith("DIRECT") || url === undefined) return null;
  const { host, path } = withTarget(method ?? "GET", url);
  return host ?? (method === "CONNECT" ? path : null);
}

function endpointOf({ peer, peerPort }: SquidFields): string | null {
  const address = valueOf(peer);
  const port = valueOf(peerPort);
  return address === null || port === null ? address : `${address}:${port}`;
}

/** What `%err_code/%err_detail` says of an upstream. */
function failureIn(fields: SquidFields): Pick<AccessAttempt, "errorType" | "tlsReason"> | null {
  const code = valueOf(fields.errorCode);
  if (code === null) return null;
  if (code === "ERR_SECURE_CONNECT_FAIL") {
    const { errorType, tlsReason } = failureOf(`SSL certificate ${fields.errorDetail ?? ""}`);
    return { errorType, tlsReason };
  }
  const errorType = errorCodes[code];
  return errorType === undefined ? null : { errorType, tlsReason: null };
}

const errorCodes: Readonly<Record<string, AccessAttempt["errorType"]>> = {
  ERR_CONNECT_FAIL: "connection_refused",
  ERR_DNS_FAIL: "dns_error",
  ERR_READ_TIMEOUT: "connection_read_timeout",
  ERR_READ_ERROR: "connection_terminated",
  ERR_WRITE_ERROR: "connection_terminated",
  ERR_ZERO_SIZE_OBJECT: "connection_terminated",
  ERR_INVALID_RESP: "http_protocol_error",
  ERR_CANNOT_FORWARD: "destination_unavailable",
};

/** `%>a`, `%6tr`, `%03>Hs`, `%"{User-Agent}>h`, `%>h{User-Agent}`, `%ssl::>sni`, and the parts of a time. */
const formatCode = new RegExp(
  String.raw`${timePartCode}|%[-"'[#/\\]?\d*(?:\.\d+)?(?:\{(?<before>[^}]*)\})?(?<code>(?:[a-z_]+::)?[<>]?[A-Za-z][A-Za-z_]*)(?:\{(?<behind>[^}]*)\})?`,
  "g",
);

const codes: Readonly<Record<string, keyof SquidFields | "seconds" | "milliseconds">> = {
  ts: "seconds",
  tu: "milliseconds",
  tr: "durationMs",
  ">a": "client",
  Ss: "tag",
  ">Hs": "status",
  Hs: "status",
  "<Hs": "upstreamStatus",
  "<st": "bytes",
  rm: "method",
  ru: "url",
  ">ru": "url",
  Sh: "hierarchy",
  "<a": "peer",
  "<p": "peerPort",
  "<A": "peerName",
  "<pt": "peerTimeMs",
  request_attempts: "requestAttempts",
  err_code: "errorCode",
  err_detail: "errorDetail",
  "User-Agent>h": "userAgent",
};
const places: readonly Place[] = [...new Set(Object.values(codes)), ...squidTimeParts];

type Place = keyof SquidFields | "seconds" | "milliseconds" | SquidTimePart;

function known({ 0: name, groups = {} }: RegExpMatchArray): Variable {
  return { name, slot: slotOf(groups), kind: "text", opensWith: null };
}

function slotOf({
  clock,
  part,
  before,
  code,
  behind,
}: RegExpMatchArray["groups"] & {}): number | null {
  const place =
    clock === undefined
      ? codes[`${before ?? behind ?? ""}${code ?? ""}`]
      : squidTimeParts.find((one) => clock !== "0" && one === part);
  return place === undefined ? null : places.indexOf(place);
}

/** A reader of lines that the `logformat` describes, or a sentence that says what is wrong with it. */
function formatReader(
  logFormat: string,
  clock: LocalClock,
): ((line: string) => AccessRecord | string) | string {
  const expanded = withTimeParts(logFormat);
  if (typeof expanded === "string") return expanded;
  const template = compiledTemplate(expanded.format, formatCode, known);
  if (typeof template === "string") return template;
  const lineClock = squidClock(expanded.format, clock);
  return (line) => templateLine(template, line, lineClock);
}

function templateLine(template: Template, line: string, clock: LocalClock): AccessRecord | string {
  const values: (string | undefined)[] = [];
  const scan = scanTemplate(template, line.replace(/^\s+/, "").replaceAll(/ {2,}/g, " "), values);
  if ("refusal" in scan) return scan.refusal;
  const fields: SquidFields = {};
  const time = new Map<SquidTimePart, string>();
  let subsecond: string | undefined;
  for (const [at, place] of places.entries()) {
    const value = values[at];
    if (value === undefined) continue;
    if (place === "seconds") time.set("s", value);
    else if (place === "milliseconds") subsecond = value;
    else if (isTimePart(place)) time.set(place, value);
    else if (place !== "endUs") fields[place] = value;
  }
  fields.endUs = squidTimeUs(time, subsecond, clock);
  return squidRecord(fields, scan.unread);
}

function isTimePart(place: Place): place is SquidTimePart {
  return squidTimeParts.some((part) => part === place);
}
