import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";
import type { AccessAttempt, AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";
import { tlsReasonOf } from "#lib/decode/tls-reason.ts";

import { apacheErrorLog, isApacheErrorLine } from "./apache/error-log.ts";
import { attemptWith, recordWith } from "./blank.ts";
import { type ClfFields, type ClfFormatReader, clfFormatReader } from "./clf-format.ts";
import { clfReader } from "./clf.ts";
import { unescaped } from "./escape.ts";
import { millisecondsUs, secondsUs, statusOf, wholeNumber } from "./number.ts";
import { requestLineOf, type RequestLine, withTarget } from "./request-line.ts";
import { clfTimeReader, epochTimeUs, isoTimeUs } from "./time.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** Reads Apache's common, combined and vhost formats with what was appended, or what a `LogFormat` describes, and its error log. */
export function apacheDecoder(logFormat: string | null, clock: LocalClock = utcClock): LineDecoder {
  const compiled = logFormat === null ? null : clfFormatReader(logFormat);
  if (typeof compiled === "string") return { format: "apache", decode: () => compiled };
  const readAccess = compiled === null ? plainReader() : formatReader(compiled);
  const readError = apacheErrorLog(clock);
  return {
    format: "apache",
    decode(line) {
      const record = readAccess(line);
      return typeof record === "string" ? (readError(line) ?? record) : record;
    },
  };
}

/** How surely a line is Apache's, from 0 to 1: its common formats are also nginx's. */
export function apacheLikeness(line: string): number {
  if (isApacheErrorLine(line)) return 0.9;
  if (!plain.test(line)) return 0;
  return /\\["x]|cache="|worker="|handler=proxy-server| AH\d{5}/.test(
    line.replaceAll(/\\x[0-9A-F]{2}/g, ""),
  )
    ? 0.8
    : 0.4;
}

const plain = /^\S.*? \[\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:]{8} [+-]\d{4}\] "/;

type TimeReader = (text: string) => number | null;

type LineReader = (line: string) => AccessRecord | string;

function formatReader(readFormat: ClfFormatReader): LineReader {
  const readTime = clfTimeReader();
  return (line) => {
    const found = readFormat(line);
    return "refusal" in found ? found.refusal : apacheRecord(found.fields, found.unread, readTime);
  };
}

function plainReader(): LineReader {
  const readClf = clfReader();
  const readTime = clfTimeReader();
  return (line) => {
    const clf = readClf(line);
    if (typeof clf === "string") return clf;
    const fields: ClfFields = {
      client: clf.client ?? undefined,
      host: clf.host ?? undefined,
      request: clf.request,
      status: clf.status,
      bytes: clf.bytes,
      time: String(clf.timeMs / 1000),
    };
    return apacheRecord(fields, readTail(tokensOf(clf.tail), fields), readTime);
  };
}

/** Referrer and agent come quoted; then `key=value` pairs, and numbers with their unit behind them. Gives what is left. */
function readTail(tokens: readonly Token[], fields: ClfFields): string | null {
  const unread: string[] = [];
  let quoted = 0;
  for (const [place, { kind, text }] of tokens.entries()) {
    if (kind === "quoted") {
      if (quoted === 1) fields.userAgent = text;
      quoted += 1;
    } else if (
      !readPair(text, fields) &&
      !readUnit(text, tokens[place - 1], fields) &&
      !isRead(text, tokens[place + 1])
    ) {
      unread.push(text);
    }
  }
  return unread.length === 0 ? null : unread.join(" ");
}

const pairFields: Readonly<Record<string, keyof ClfFields>> = {
  cache: "cache",
  worker: "worker",
  balancer: "balancer",
  verify: "verify",
  duration_us: "microseconds",
  us: "microseconds",
  ms: "milliseconds",
};

function readPair(text: string, fields: ClfFields): boolean {
  const pair = /^(?<key>[\w.-]+)=(?<value>.*)$/.exec(text)?.groups;
  if (pair === undefined) return false;
  const field = pairFields[pair["key"] ?? ""];
  if (field !== undefined) fields[field] = pair["value"]?.replaceAll(/^"|"$/g, "");
  return true;
}

const units: Readonly<Record<string, keyof ClfFields>> = {
  us: "microseconds",
  ms: "milliseconds",
  s: "seconds",
};

/** A bare number's unit can not be known unless it stands behind it. */
function readUnit(text: string, before: Token | undefined, fields: ClfFields): boolean {
  const field = units[text];
  if (field === undefined || before === undefined || !/^\d+$/.test(before.text)) return false;
  fields[field] ??= before.text;
  return true;
}

function isRead(text: string, after: Token | undefined): boolean {
  return text === "-" || (/^\d+$/.test(text) && units[after?.text ?? ""] !== undefined);
}

function apacheRecord(
  fields: ClfFields,
  unread: string | null,
  readTime: TimeReader,
): AccessRecord | string {
  const startUs = startTimeUs(fields.time ?? "", readTime);
  if (startUs === null)
    return "The line has no time that can be read: expected %t, such as [20/Nov/2026:22:19:05 +0000].";
  const status = statusOf(fields.status);
  const request = requestOf(fields);
  return recordWith("apache", startUs, {
    ...request,
    host: valueOf(fields.host) ?? request.host,
    client: valueOf(fields.client),
    userAgent: valueOf(fields.userAgent),
    durationUs: durationOf(fields),
    status,
    bytes: wholeNumber(fields.bytes),
    cacheWord: cacheWordOf(fields.cache),
    clientTlsReason: clientTlsReason(fields.verify),
    attempts: attemptsOf(fields, status),
    traceId: valueOf(fields.traceparent)?.slice(3, 35) ?? null,
    unread,
  });
}

/** Apache says in a sentence of its own why it did not cache an answer. */
function cacheWordOf(said: string | undefined): string | null {
  if (said === undefined) return null;
  if (said === "" || said === "-") return "-";
  return /^(?:conditional )?cache (?:hit|miss|invalidated)/.test(said)
    ? said
    : `not cached: ${said}`;
}

function startTimeUs(time: string, readTime: TimeReader): number | null {
  const text = time.replace(/^\[(.*)\]$/, "$1");
  const ms = readTime(text);
  return ms === null ? (isoTimeUs(text) ?? epochTimeUs(text)) : ms * 1000;
}

function valueOf(text: string | undefined): string | null {
  return text === undefined || text === "" || text === "-" ? null : unescaped(text);
}

/** The finest that was logged; whole seconds say nothing of a fast request but are all that some formats have. */
function durationOf(fields: ClfFields): number | null {
  return (
    wholeNumber(fields.microseconds) ??
    millisecondsUs(fields.milliseconds) ??
    secondsUs(fields.seconds)
  );
}

function requestOf(fields: ClfFields): RequestLine {
  if (fields.request !== undefined) return requestLineOf(unescaped(fields.request));
  return withTarget(
    valueOf(fields.method) ?? "",
    (valueOf(fields.path) ?? "") + (valueOf(fields.query) ?? ""),
  );
}

function clientTlsReason(verify: string | undefined): AccessRecord["clientTlsReason"] {
  if (verify === undefined || !verify.startsWith("FAILED")) return null;
  return tlsReasonOf(`certificate ${verify}`) ?? "certificate_verify_failed";
}

/** The line names the last worker only; a cache that answered asked none. */
function attemptsOf(fields: ClfFields, status: number | null): AccessAttempt[] {
  const worker = valueOf(fields.worker);
  if (worker === null || fields.cache?.startsWith("cache hit") === true) return [];
  const balancer = valueOf(fields.balancer)?.replace(/^balancer:\/\//, "") ?? null;
  return [attemptWith(balancer, worker.replace(/^\w+:\/\//, ""), { status })];
}
