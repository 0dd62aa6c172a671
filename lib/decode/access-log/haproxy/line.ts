import type { HaproxyFields } from "./fields.ts";

/** A line's fields and what was left of it; or why it is none. */
export type HaproxyLine =
  | { readonly fields: HaproxyFields; readonly unread: string | null }
  | { readonly refusal: string };

/** Reads httplog, httpslog, tcplog, and the one line of a connection that failed before any request. */
export function haproxyLine(line: string): HaproxyLine {
  const start = lineStart.exec(line)?.groups;
  if (start === undefined) return { refusal: expectedLine };
  const fields: HaproxyFields = { client: start["client"], date: start["date"] };
  const rest = line.slice((lineStart.exec(line)?.[0] ?? "").length);
  return (
    httpLine(rest, fields) ??
    tcpLine(rest, fields) ??
    errorLine(rest, fields) ?? { refusal: expectedTail }
  );
}

const lineStart =
  /^(?<client>\S+:\d+|unix:\d+|-:\d+) \[(?<date>\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] /;
const expectedLine =
  "The line is no HAProxy traffic line: expected `client:port [20/Nov/2026:22:11:19.546] frontend backend/server timers`.";
const expectedTail =
  "After the date a frontend, backend/server and timers (httplog, tcplog), or frontend/bind and an error, were expected.";

const route = String.raw`^\S+ (?<backend>[^\s/]+)\/(?<server>\S+) `;
const time = String.raw`[+-]?\d+`;
const counts = String.raw`\d+\/\d+\/\d+\/\d+(?:\/(?<retries>\+?\d+))? \d+\/\d+`;
const http = new RegExp(
  `${route}${time}\\/(?<queueTime>${time})\\/(?<connectTime>${time})\\/(?<responseTime>${time})\\/(?<totalTime>${time}) (?<status>-?\\d+) (?<bytes>[+-]?\\d+) \\S+ \\S+ (?<state>[A-Za-z-]{4}) ${counts}`,
);
const tcp = new RegExp(
  `${route}(?<queueTime>${time})\\/(?<connectTime>${time})\\/(?<totalTime>${time}) (?<bytes>[+-]?\\d+) (?<state>[A-Za-z-]{2}) ${counts}`,
);
const error = /^[^\s/]+(?:\/\S+)?: (?<message>.+)$/;
/** Captured headers; their text may hold anything but the closing brace before a blank. */
const captures = /^ \{(?<first>[^}]*)\}(?: \{[^}]*\})?/;
const handshake =
  /^ (?<clientError>\d+)\/(?<clientTlsError>[0-9A-Fa-f]+)\/(?<certificate>\d+)\/\d+\/\d (?:\S+)/;

function httpLine(rest: string, start: HaproxyFields): HaproxyLine | null {
  const found = http.exec(rest);
  if (found === null) return null;
  const fields: HaproxyFields = { ...start, ...found.groups };
  let tail = rest.slice(found[0].length);
  tail = tail.slice(captures.exec(tail)?.[0].length ?? 0);
  if (!tail.startsWith(' "')) return { fields, unread: textOrNull(tail) };
  // A request that was cut at the length of a log line has no closing quote.
  const end = tail.lastIndexOf('"');
  fields.request = end > 2 ? tail.slice(2, end) : tail.slice(2);
  return end > 2 ? withTail(fields, tail.slice(end + 1)) : { fields, unread: null };
}

/** What httpslog appends, and `key=value` fields that operators do. */
function withTail(fields: HaproxyFields, tail: string): HaproxyLine {
  const tls = handshake.exec(tail);
  if (tls !== null) {
    fields.clientTlsError = tls.groups?.["clientTlsError"];
    fields.clientCertificateError = tls.groups?.["certificate"];
  }
  return withPairs(fields, tail.slice(tls?.[0].length ?? 0));
}

const pair = /^ ?(?<key>[\w.]+)=(?:"(?<quoted>[^"]*)"|(?<bare>\S*))/;

function withPairs(fields: HaproxyFields, tail: string): HaproxyLine {
  let rest = tail;
  for (let found = pair.exec(rest); found !== null; found = pair.exec(rest)) {
    const value = found.groups?.["quoted"] ?? found.groups?.["bare"];
    const name = pairNames[found.groups?.["key"] ?? ""];
    if (name !== undefined) fields[name] = value;
    rest = rest.slice(found[0].length);
  }
  return { fields, unread: textOrNull(rest) };
}

const pairNames: Readonly<Record<string, keyof HaproxyFields>> = {
  bc_err: "serverError",
  bc_err_str: "serverErrorText",
  ssl_bc_err: "serverTlsError",
  fc_err_str: "clientErrorText",
  ssl_fc_err: "clientTlsError",
  ssl_c_err: "clientCertificateError",
  si: "serverAddress",
  ua: "userAgent",
  trace: "traceId",
};

function tcpLine(rest: string, start: HaproxyFields): HaproxyLine | null {
  const found = tcp.exec(rest);
  if (found === null) return null;
  return withPairs({ ...start, ...found.groups }, rest.slice(found[0].length));
}

function errorLine(rest: string, start: HaproxyFields): HaproxyLine | null {
  const message = error.exec(rest)?.groups?.["message"];
  if (message === undefined) return null;
  // What an `error-log-format` appended.
  const pairs = /(?: [\w.]+=[^\s=]*)*$/.exec(message)?.[0] ?? "";
  const clientErrorText = message.slice(0, message.length - pairs.length);
  return withPairs({ ...start, clientErrorText }, pairs);
}

function textOrNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
