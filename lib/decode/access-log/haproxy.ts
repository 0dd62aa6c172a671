import { type LocalClock, utcClock } from "#lib/core/local-clock.ts";
import type { LineDecoder } from "#lib/decode/access-record.ts";

import type { HaproxyFields } from "./haproxy/fields.ts";
import { haproxyLine, type HaproxyLine } from "./haproxy/line.ts";
import { haproxyRecordMaker } from "./haproxy/record.ts";
import { asObject, jsonObject } from "./json.ts";
import { compiledTemplate, scanTemplate, type Template, type Variable } from "./template.ts";

/** Reads HAProxy's traffic lines: httplog, httpslog, tcplog, error lines, or what a `log-format` describes. */
export function haproxyDecoder(
  logFormat: string | null,
  clock: LocalClock = utcClock,
): LineDecoder {
  const template = logFormat === null ? null : compiledTemplate(logFormat, variable, known);
  if (typeof template === "string") return { format: "haproxy", decode: () => template };
  const read =
    logFormat === null || template === null ? haproxyLine : readerOf(logFormat, template);
  const recordOf = haproxyRecordMaker(clock);
  return {
    format: "haproxy",
    decode(line) {
      const found = read(line);
      return "refusal" in found ? found.refusal : recordOf(found.fields, found.unread);
    },
  };
}

/** How surely a line is HAProxy's, from 0 to 1. */
export function haproxyLikeness(line: string): number {
  return "refusal" in haproxyLine(line) ? 0 : 0.95;
}

type Reader = (line: string) => HaproxyLine;

/** `%ci`, `%{+Q}r`, `%[ssl_bc_err,hex]`. */
const variable = /%(?:\{[^}]*\})?(?:\[(?<sample>(?:[^[\]]|\[[^\]]*\])*)\]|(?<name>[A-Za-z]+))/g;

const fieldNames: Readonly<Record<string, keyof HaproxyFields>> = {
  ci: "client",
  t: "date",
  tr: "date",
  T: "date",
  Tl: "date",
  Ts: "date",
  b: "backend",
  s: "server",
  si: "serverAddress",
  sp: "serverPort",
  Tw: "queueTime",
  Tc: "connectTime",
  Tr: "responseTime",
  Ta: "totalTime",
  Tt: "totalTime",
  ST: "status",
  B: "bytes",
  ts: "state",
  tsc: "state",
  rc: "retries",
  r: "request",
  HM: "method",
  HU: "target",
  HP: "target",
  bc_err: "serverError",
  bc_err_str: "serverErrorText",
  ssl_bc_err: "serverTlsError",
  fc_err_str: "clientErrorText",
  ssl_fc_err: "clientTlsError",
  ssl_c_err: "clientCertificateError",
  ID: "traceId",
};
const fields = [...new Set(Object.values(fieldNames))];

/** `date(0,ms)` and `accept_date` are dates, `ssl_bc_err,hex` is `ssl_bc_err`. */
function fieldOf(match: RegExpMatchArray): keyof HaproxyFields | null {
  const sample = match.groups?.["sample"];
  if (sample === undefined) return fieldNames[match.groups?.["name"] ?? ""] ?? null;
  if (/^(date|accept_date|request_date)\b/.test(sample)) return "date";
  return fieldNames[sample.split(",")[0]?.replace(/\(.*/, "") ?? ""] ?? null;
}

function known(match: RegExpMatchArray): Variable {
  const field = fieldOf(match);
  const slot = field === null ? -1 : fields.indexOf(field);
  return { name: match[0], slot: slot < 0 ? null : slot, kind: "text", opensWith: null };
}

function readerOf(format: string, template: Template): Reader {
  return /^\s*\{/.test(format) ? jsonReader(format) : (line) => textLine(template, line);
}

function textLine(template: Template, line: string): HaproxyLine {
  const values: (string | undefined)[] = [];
  const scan = scanTemplate(template, line, values);
  if ("refusal" in scan) {
    // Lines of failed handshakes do not follow `log-format`.
    const other = haproxyLine(line);
    return "refusal" in other ? scan : other;
  }
  const found: HaproxyFields = {};
  for (const [place, field] of fields.entries()) found[field] = unquoted(values[place]);
  return { fields: found, unread: scan.unread };
}

function unquoted(text: string | undefined): string | undefined {
  return text !== undefined && /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** A format that writes JSON: its members are known by the variables they hold. */
function jsonReader(format: string): Reader {
  const keys = new Map<string, keyof HaproxyFields>();
  for (const { 0: start, 1: key = "", index } of format.matchAll(/"([^"]+)"\s*:\s*"?(?=%)/g)) {
    const match = [...format.slice(index + start.length).matchAll(variable)][0];
    const field = match === undefined ? null : fieldOf(match);
    if (field !== null) keys.set(key, field);
  }
  return (line) => {
    const object = asObject(jsonObject(line));
    if (object === null)
      return { refusal: "The log format is of JSON, but the line is no JSON object." };
    const found: HaproxyFields = {};
    for (const [key, field] of keys) found[field] = textOf(object[key]);
    return { fields: found, unread: null };
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : undefined;
}
