import { listEnd } from "../list.ts";
import { clfTimeLength } from "../time.ts";
import { slotOf, slots, type Values } from "./variables.ts";

/** What was left of a line, and whether its values hold nginx's escapes; `refusal` when it is none of the format. */
export type Scan =
  | { readonly unread: string | null; readonly isEscaped: boolean }
  | { readonly refusal: string };

/**
 * A scanner of one stream's combined lines and what operators append to them: `key=value` and `key="value"` in any
 * order, bare seconds, further quoted or bracketed values. Also the common format, a host in front, a user with spaces.
 * It remembers the keys, as most lines of a stream have the same in the same order.
 */
export function combinedScanner(): (line: string, values: Values) => Scan {
  const layout: Layout = { keys: [], slots: [] };
  return (line, values) => scanCombined(line, values, layout);
}

/** The keys of the line before, with their equals signs, and the slots they fill. */
interface Layout {
  readonly keys: string[];
  readonly slots: (number | null)[];
}

function scanCombined(line: string, values: Values, layout: Layout): Scan {
  const timeAt = timeStart(line);
  if (timeAt < 0) return { refusal: expectedTime };
  scanHead(line, timeAt, values);
  const timeEnd = timeAt + 2 + clfTimeLength;
  values[slots.time_local] = line.slice(timeAt + 2, timeEnd);
  if (line.charCodeAt(timeEnd + 2) !== quote) return { refusal: expectedRequest };
  const requestEnd = quoteEnd(line, timeEnd + 3);
  if (requestEnd < 0) return { refusal: cut };
  values[slots.request] = line.slice(timeEnd + 3, requestEnd);
  return scanTail(line, requestEnd + 2, values, layout);
}

const expectedTime =
  'The line is no access line: expected `address - user [20/Nov/2026:22:09:04 +0000] "request" status bytes`.';
const expectedRequest =
  'After the time the quoted request line was expected, such as "GET / HTTP/1.1".';
const expectedStatus = "After the request line a status was expected, such as 200.";
const cut = "The line ends inside the request, before any status: it was cut.";

/** Place of the space before `[20/Nov/...]`; -1 when there is none. */
function timeStart(line: string): number {
  let at = line.indexOf("[");
  while (at >= 0) {
    const isTime =
      line.charCodeAt(at - 1) === blank &&
      line.charCodeAt(at + 3) === slash &&
      line.charCodeAt(at + 7) === slash &&
      line.charCodeAt(at + 1 + clfTimeLength) === closingBracket;
    if (isTime) return at - 1;
    at = line.indexOf("[", at + 1);
  }
  return -1;
}

/** `address - user`, perhaps with a host in front, or `address host user`. */
function scanHead(line: string, end: number, values: Values): void {
  const space = line.indexOf(" ");
  if (space === end || line[space + 1] === "-") {
    values[slots.remote_addr] = line.slice(0, space);
    return;
  }
  const dash = line.indexOf(" - ");
  const before = line.slice(0, dash < 0 || dash > end ? space : dash).split(" ");
  const isHostLast = dash + 2 === end;
  values[slots.remote_addr] = isHostLast ? before[0] : before.at(-1);
  const host = isHostLast ? before[1] : before[0];
  if (before.length === 2 && !line.slice(0, end).includes(",")) values[slots.host] = host;
}

/** The first quote that no backslash stands before: nginx writes a quote as \x22, others as \". */
function quoteEnd(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (
    at > from &&
    line.charCodeAt(at - 1) === backslash &&
    line.charCodeAt(at - 2) !== backslash
  )
    at = line.indexOf('"', at + 1);
  return at;
}

function scanTail(line: string, statusAt: number, values: Values, layout: Layout): Scan {
  const statusEnd = wordEnd(line, statusAt);
  const status = line.slice(statusAt, statusEnd);
  if (!isDigits(status) && status !== "-") return { refusal: expectedStatus };
  values[slots.status] = status;
  const bytesEnd = wordEnd(line, statusEnd + 1);
  values[slots.body_bytes_sent] = line.slice(statusEnd + 1, bytesEnd);
  if (bytesEnd >= line.length) return allRead;
  return scanExtras(line, bytesEnd, values, layout);
}

const allRead: Scan = { unread: null, isEscaped: true };
const blank = 32;
const quote = 34;
const slash = 47;
const bracket = 91;
const backslash = 92;
const closingBracket = 93;

/** What was seen so far of the values after the bytes. */
interface Tail {
  quoted: number;
  seconds: number;
  pairs: number;
  unread: string;
  readonly layout: Layout;
}

function scanExtras(line: string, from: number, values: Values, layout: Layout): Scan {
  const tail: Tail = { quoted: 0, seconds: 0, pairs: 0, unread: "", layout };
  let at = from;
  while (at < line.length) {
    const code = line.charCodeAt(at);
    if (code === blank) at += 1;
    else if (code === quote) at = readQuoted(line, at + 1, values, tail);
    else if (code === bracket) at = endOr(line, line.indexOf("]", at)) + 1;
    else at = readPair(line, at, values, tail) || readWord(line, at, values, tail);
  }
  return tail.unread === "" ? allRead : { unread: tail.unread, isEscaped: true };
}

/** The first two quoted values are referrer and user agent; what follows is for nobody here. */
function readQuoted(line: string, from: number, values: Values, tail: Tail): number {
  const end = endOr(line, quoteEnd(line, from));
  if (tail.quoted === 1) values[slots.http_user_agent] = line.slice(from, end);
  tail.quoted += 1;
  return end + 1;
}

/** A bare number of seconds is `$request_time`, a second one `$upstream_response_time`. */
function readWord(line: string, from: number, values: Values, tail: Tail): number {
  const end = wordEnd(line, from);
  const word = line.slice(from, end);
  if (isSeconds(word) && tail.seconds < 2) {
    values[tail.seconds === 0 ? slots.request_time : slots.upstream_response_time] = word;
    tail.seconds += 1;
  } else if (word !== "-") {
    tail.unread += tail.unread === "" ? word : ` ${word}`;
  }
  return end;
}

/** Reads `key=value` and returns its end; 0 when no such thing begins here. */
function readPair(line: string, at: number, values: Values, tail: Tail): number {
  const { layout, pairs } = tail;
  const known = layout.keys[pairs];
  const valueAt =
    known !== undefined && hasAt(line, known, at) ? at + known.length : learnedKey(line, at, tail);
  if (valueAt === 0) return 0;
  tail.pairs += 1;
  const isQuoted = line.charCodeAt(valueAt) === quote;
  const start = isQuoted ? valueAt + 1 : valueAt;
  const end = isQuoted ? endOr(line, quoteEnd(line, start)) : listEnd(line, start);
  const slot = layout.slots[pairs] ?? null;
  if (slot !== null) values[slot] = line.slice(start, end);
  return isQuoted ? end + 1 : end;
}

/** Whether the text stands at the place; for a few characters quicker than `startsWith`. */
function hasAt(line: string, text: string, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (line.charCodeAt(from + at) !== text.charCodeAt(at)) return false;
  }
  return true;
}

/** Remembers the key that begins here and returns where its value does; 0 when none begins. */
function learnedKey(line: string, at: number, { layout, pairs }: Tail): number {
  const equals = line.indexOf("=", at);
  const space = line.indexOf(" ", at);
  if (equals < 0 || (space >= 0 && space < equals)) return 0;
  layout.keys[pairs] = line.slice(at, equals + 1);
  layout.slots[pairs] = slotOf(line.slice(at, equals));
  return equals + 1;
}

function endOr(line: string, at: number): number {
  return at < 0 ? line.length : at;
}

function wordEnd(line: string, from: number): number {
  return endOr(line, line.indexOf(" ", from));
}

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return text !== "";
}

function isSeconds(word: string): boolean {
  return /^\d+\.\d{3}$/.test(word);
}
