import {
  isPlainVersionByte,
  type ModuleEndpoint,
  moduleRequestOf,
  plainModuleOf,
} from "#lib/core/module-request.ts";
import { keptTextSlots } from "#lib/core/text-numbers.ts";
import { areSame, byteAt, type Bytes } from "#lib/decode/bytes.ts";
import {
  blankPlainAttempt,
  blankPlainLine,
  type PlainAttempt,
  type PlainReader,
} from "#lib/decode/plain-line.ts";
import { textOf } from "#lib/decode/strings.ts";
import { TextTable } from "#lib/decode/text-table.ts";

import type { PlainLayout } from "../plain-layout.ts";
import { isMissingAt, notMeasured, notPlain, secondsUsAt, wholeAt } from "../plain-numbers.ts";
import { epochTimeUs } from "../time.ts";
import { ownLineAt } from "../unwrap.ts";
import { slots } from "./variables.ts";

interface PlainSource {
  /** The layout of a line that was read as text; null when it has none. */
  readonly layoutOf: (line: string) => PlainLayout | null;
  /** Reads a time in words as epoch microseconds; null for any other text. */
  readonly readTime: (text: string) => number | null;
  /** Whether an earlier line said something about a line to come. */
  readonly isHolding: () => boolean;
}

/** Lines that are not plain until the layout is made anew, as the stream may have got another one. */
const strangersMax = 64;

/**
 * The plain lines of a stream of nginx: all have the layout of one that was read as text. What was not answered is not
 * plain, nor are escapes, and values that are not as usual.
 */
export class NginxPlainReader implements PlainReader {
  readonly line = blankPlainLine();
  readonly #source: PlainSource;
  #layout: PlainLayout | null = null;
  /** Not before somebody asks for plain lines. */
  #isAsked = false;
  #strangers = strangersMax;
  /** Of the line that had it first: the text of the time, and what it says. */
  readonly #timeBytes = new DataView(new ArrayBuffer(timeLengthMax));
  #timeLength = 0;
  #timeUs = 0;

  constructor(source: PlainSource) {
    this.#source = source;
  }

  /** Takes a line that was read as text, to learn its layout where that is wanted. */
  learn(line: string): void {
    if (!this.#isAsked) return;
    this.#strangers += 1;
    if (this.#strangers < strangersMax) return;
    this.#strangers = 0;
    this.#layout = this.#source.layoutOf(line) ?? this.#layout;
  }

  read(source: Bytes, from: number): number {
    this.#isAsked = true;
    const layout = this.#layout;
    if (layout === null || this.#source.isHolding()) return -1;
    // When the transport took the line does not matter, as nginx dates each of its own.
    const start = ownLineAt(source.bytes, from);
    const end = start < 0 ? -1 : layout.scan(source, start);
    return end >= 0 && this.#readValues(source, layout) ? end : -1;
  }

  #readValues(source: Bytes, layout: PlainLayout): boolean {
    const { bytes } = source;
    return (
      this.#readStatus(bytes, layout) &&
      this.#readTimes(source, layout) &&
      this.#readRequest(source, layout) &&
      this.#readAttempts(source, layout) &&
      this.#readCache(source, layout) &&
      this.#readTrace(bytes, layout)
    );
  }

  #readStatus(bytes: Buffer, { starts, ends }: PlainLayout): boolean {
    const status = valueAt(wholeAt, bytes, starts, ends, slots.status);
    const bodyBytes = valueAt(wholeAt, bytes, starts, ends, slots.body_bytes_sent);
    const sentBytes = valueAt(wholeAt, bytes, starts, ends, slots.bytes_sent);
    this.line.status = status;
    this.line.bytes = bodyBytes === notMeasured ? sentBytes : bodyBytes;
    return isUsual(status) && !isOwn(status) && this.line.bytes !== notPlain;
  }

  /** nginx logs the end of a request. */
  #readTimes(source: Bytes, { starts, ends }: PlainLayout): boolean {
    const durationUs = valueAt(secondsUsAt, source.bytes, starts, ends, slots.request_time);
    if (durationUs === notPlain || !this.#findTime(source, starts, ends)) return false;
    const endUs = this.#timeUs;
    this.line.durationUs = durationUs;
    this.line.startUs = durationUs > 0 ? endUs - durationUs : endUs;
    return this.line.startUs >= 0 && Number.isSafeInteger(this.line.startUs);
  }

  // Leaves the time in a field, as a number that is returned would be made an object for each line.
  #findTime(source: Bytes, starts: Int32Array, ends: Int32Array): boolean {
    for (const slot of timeSlots) {
      const start = starts[slot] ?? -1;
      if (start >= 0) return this.#findTimeAt(source, start, ends[slot] ?? 0, slot);
    }
    return false;
  }

  /** Lines of one second follow each other, and those of one millisecond. */
  #findTimeAt({ bytes, view }: Bytes, start: number, end: number, slot: number): boolean {
    const length = end - start;
    if (length < timeLengthMin || length > timeLengthMax) return false;
    const last = this.#timeBytes;
    if (length === this.#timeLength && areSame(view, start, last, 0, length)) return true;
    const text = bytes.toString("latin1", start, end);
    const us = slot === slots.msec ? epochTimeUs(text) : this.#source.readTime(text);
    if (us === null) return false;
    for (let at = 0; at < length; at += 1) last.setUint8(at, byteAt(bytes, start + at));
    this.#timeLength = length;
    this.#timeUs = us;
    return true;
  }

  #readRequest(source: Bytes, { starts, ends }: PlainLayout): boolean {
    const { bytes } = source;
    const start = starts[slots.request] ?? -1;
    const end = ends[slots.request] ?? 0;
    if (!isMissingAt(bytes, start, end)) {
      const pathStart = pathStartAt(bytes, start, end);
      return pathStart >= 0 && this.#readPath(source, pathStart, end - protocolLength);
    }
    const method = starts[slots.request_method] ?? -1;
    if (isMissingAt(bytes, method, ends[slots.request_method] ?? 0)) return false;
    return this.#readPath(source, starts[slots.request_uri] ?? -1, ends[slots.request_uri] ?? 0);
  }

  #readPath(source: Bytes, start: number, end: number): boolean {
    const { line } = this;
    if (start < 0 || source.bytes[start] !== slash) return false;
    line.moduleEndpoint = fileEndpoint(source.bytes, start, end);
    const length = line.moduleEndpoint === null ? -1 : moduleLength(source.bytes, start, end);
    if (length >= 0 && this.#readModule(source, start, length)) return true;
    const request = moduleRequestOf(source.bytes.toString("latin1", start, end));
    line.module = request?.module ?? null;
    line.moduleSlot = -1;
    line.moduleEndpoint = request?.endpoint ?? null;
    return true;
  }

  /** Reads the module that a path begins with; false where it is no usual one. */
  #readModule({ bytes, view }: Bytes, start: number, length: number): boolean {
    const { line } = this;
    const slot = modules.slotOf(view, start, length);
    let name = modules.textAt(slot, view, start, length);
    if (name === null) {
      name = plainModuleOf(bytes.toString("latin1", start, start + length));
      if (name === null) return false;
      modules.keep(slot, view, start, length, name);
    }
    line.module = name;
    line.moduleSlot = slot;
    return true;
  }

  #readAttempts(source: Bytes, layout: PlainLayout): boolean {
    const { line } = this;
    const { bytes } = source;
    const { starts, ends } = layout;
    const start = starts[slots.upstream_addr] ?? -1;
    const end = ends[slots.upstream_addr] ?? 0;
    line.attemptCount = 0;
    if (isMissingAt(bytes, start, end)) return (starts[slots.manager_server] ?? -1) < 0;
    if (!isAddress(bytes, start, end)) return this.#readSeveral(source, layout);
    const attempt = this.#addAttempt(source, start, end);
    attempt.upstream =
      nameAt(source, starts, ends, slots.proxy_upstream_name) ??
      nameAt(source, starts, ends, slots.proxy_host);
    attempt.status = valueAt(wholeAt, bytes, starts, ends, slots.upstream_status);
    attempt.durationUs = valueAt(secondsUsAt, bytes, starts, ends, slots.upstream_response_time);
    if (!isAnswered(attempt)) return false;
    // nginx writes these for an attempt that got no answer, too.
    return !mayBeOwn(attempt.status) || hasAnswer(bytes, starts, ends);
  }

  /** Attempts whose lists are all as long, and which no name and no further list tell more of. */
  #readSeveral(source: Bytes, { starts, ends }: PlainLayout): boolean {
    const { bytes } = source;
    if (explainers.some((slot) => (starts[slot] ?? -1) >= 0)) return false;
    const listIn = (slot: number): ElementList =>
      new ElementList(bytes, starts[slot] ?? -1, ends[slot] ?? 0);
    const asked = listIn(slots.upstream_addr);
    const statuses = listIn(slots.upstream_status);
    const times = listIn(slots.upstream_response_time);
    for (let count = 0; count < attemptsMax; count += 1) {
      if (!isAddress(bytes, asked.start, asked.end)) return false;
      const attempt = this.#addAttempt(source, asked.start, asked.end);
      attempt.upstream = null;
      attempt.status = wholeAt(bytes, statuses.start, statuses.end);
      attempt.durationUs = secondsUsAt(bytes, times.start, times.end);
      if (!isAnswered(attempt)) return false;
      if (asked.isLast) return statuses.isLast && times.isLast;
      if (!asked.next() || !statuses.next() || !times.next()) return false;
    }
    return false;
  }

  /** An attempt at the address between two places, for the caller to complete. */
  #addAttempt({ bytes, view }: Bytes, start: number, end: number): PlainAttempt {
    const { line } = this;
    const attempt = (line.attempts[line.attemptCount] ??= blankPlainAttempt());
    line.attemptCount += 1;
    const length = end - start;
    const isKept = length >= 4 && length <= addresses.bytesMax;
    attempt.endpointSlot = isKept ? addresses.slotOf(view, start, length) : -1;
    const known = isKept ? addresses.textAt(attempt.endpointSlot, view, start, length) : null;
    attempt.endpoint = known ?? bytes.toString("latin1", start, end);
    if (isKept && known === null) {
      addresses.keep(attempt.endpointSlot, view, start, length, attempt.endpoint);
    }
    return attempt;
  }

  /** A stale answer without an attempt is one whose duration nobody knows. */
  #readCache(source: Bytes, { starts, ends }: PlainLayout): boolean {
    const { line } = this;
    const start = starts[slots.upstream_cache_status] ?? -1;
    const end = ends[slots.upstream_cache_status] ?? 0;
    if (start < 0) line.cacheWord = null;
    else line.cacheWord = start === end ? "-" : textOf(source, start, end);
    return line.cacheWord !== "STALE" || line.attemptCount > 0;
  }

  #readTrace(bytes: Buffer, { starts, ends }: PlainLayout): boolean {
    const verified = starts[slots.ssl_client_verify] ?? -1;
    this.line.traceId = traceIdAt(bytes, starts, ends);
    return verified < 0 || bytes[verified] !== capitalF;
  }
}

const [blank, comma, slash, colon, atSign, capitalF] = [32, 44, 47, 58, 64, 70] as const;
const timeLengthMin = 4;
const timeLengthMax = 40;
const protocolLength = " HTTP/1.1".length;
const clientClosed = 499;
/** More in one line are left to the text. */
const attemptsMax = 16;
/** In the order in which they are believed. */
const timeSlots = [slots.msec, slots.time_local, slots.time_iso8601, slots.time] as const;

type ReadAt = (bytes: Buffer, start: number, end: number) => number;

function valueAt(
  read: ReadAt,
  bytes: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  slot: number,
): number {
  return read(bytes, starts[slot] ?? -1, ends[slot] ?? 0);
}

function isUsual(status: number): boolean {
  return status >= 100 && status <= 599;
}

/** Whether nginx has the status for what no client sees: failed handshakes, and clients that left. */
function isOwn(status: number): boolean {
  return status >= 495 && status <= clientClosed;
}

/** Whether no time that the line has of its only attempt says that there was no connection or no header. */
function hasAnswer(bytes: Buffer, starts: Int32Array, ends: Int32Array): boolean {
  return answerTimes.every((slot) => {
    const start = starts[slot] ?? -1;
    return start < 0 || secondsUsAt(bytes, start, ends[slot] ?? 0) >= 0;
  });
}

const answerTimes = [slots.upstream_connect_time, slots.upstream_header_time] as const;
const explainers = [...answerTimes, slots.proxy_upstream_name, slots.proxy_host] as const;

/** Where the target begins in a request line of method, target and protocol; -1 in any other. */
function pathStartAt(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isCapital(byteAt(bytes, at))) at += 1;
  const isMethod = at > start && at - start <= methodLengthMax && bytes[at] === blank;
  const protocolAt = end - protocolLength;
  return isMethod && at + 1 < protocolAt && isProtocolAt(bytes, protocolAt) ? at + 1 : -1;
}

const methodLengthMax = 32;

function isCapital(byte: number): boolean {
  return byte >= 65 && byte <= 90;
}

const protocol = Buffer.from(" HTTP/");

function isProtocolAt(bytes: Buffer, start: number): boolean {
  for (let place = 0; place < protocol.length; place += 1) {
    if (bytes[start + place] !== protocol[place]) return false;
  }
  return bytes[start + protocolLength - 2] === 46;
}

/** Whether it is one address with a port. */
function isAddress(bytes: Buffer, start: number, end: number): boolean {
  let hasPort = false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === comma || byte === blank) return false;
    if (byte === colon) hasPort = true;
  }
  return hasPort;
}

/** One element after the other of a list with commas; where the line has no such list, as many without a value as are asked for. */
class ElementList {
  start: number;
  end: number;
  readonly #bytes: Buffer;
  readonly #listEnd: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#listEnd = end;
    this.start = start;
    this.end = start < 0 ? end : this.#elementEnd();
  }

  get isLast(): boolean {
    return this.end === this.#listEnd;
  }

  /** Goes to the next element; false where none stands behind a comma and a blank. */
  next(): boolean {
    if (this.start < 0) return true;
    if (this.end + 2 >= this.#listEnd || this.#bytes[this.end + 1] !== blank) return false;
    this.start = this.end + 2;
    this.end = this.#elementEnd();
    return true;
  }

  #elementEnd(): number {
    let at = this.start;
    while (at < this.#listEnd && this.#bytes[at] !== comma) at += 1;
    return at;
  }
}

function isAnswered({ status, durationUs }: PlainAttempt): boolean {
  return isUsual(status) && status !== clientClosed && durationUs !== notPlain;
}

function mayBeOwn(status: number): boolean {
  return status === 502 || status === 504;
}

function nameAt(source: Bytes, starts: Int32Array, ends: Int32Array, slot: number): string | null {
  const [start, end] = [starts[slot] ?? -1, ends[slot] ?? 0];
  return isMissingAt(source.bytes, start, end) ? null : textOf(source, start, end);
}

const traceparentLength = 55;
const idLength = 32;

function traceIdAt(bytes: Buffer, starts: Int32Array, ends: Int32Array): string | null {
  const text = (slot: number): string =>
    bytes.toString("latin1", starts[slot] ?? 0, ends[slot] ?? 0);
  const lengthOf = (slot: number): number =>
    (starts[slot] ?? -1) < 0 ? 0 : (ends[slot] ?? 0) - (starts[slot] ?? 0);
  if (lengthOf(slots.http_traceparent) >= traceparentLength) {
    return text(slots.http_traceparent).slice(3, 35);
  }
  const [start, end] = [starts[slots.otel_trace_id] ?? -1, ends[slots.otel_trace_id] ?? 0];
  if (!isMissingAt(bytes, start, end)) return text(slots.otel_trace_id);
  return lengthOf(slots.request_id) === idLength ? text(slots.request_id) : null;
}

const files: ReadonlyMap<number, readonly [ModuleEndpoint, Buffer]> = new Map([
  [111, ["info", Buffer.from(".info")]],
  [100, ["mod", Buffer.from(".mod")]],
  [112, ["zip", Buffer.from(".zip")]],
]);

/** What the end of a path asks for; null where it is no usual file of a version. */
function fileEndpoint(bytes: Buffer, start: number, end: number): ModuleEndpoint | null {
  const file = files.get(byteAt(bytes, end - 1));
  if (file === undefined || end - start > pathLengthMax) return null;
  const [endpoint, suffix] = file;
  for (let place = 0; place < suffix.length; place += 1) {
    if (bytes[end - suffix.length + place] !== suffix[place]) return null;
  }
  return endpoint;
}

const pathLengthMax = 2_048;
const versionBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  isPlainVersionByte(byte) ? 1 : 0,
);
/** Some thousand modules are most of what is asked for. */
const modules = new TextTable(Math.log2(keptTextSlots), 80);

/** Of the few upstreams that streams have at a time. */
const addresses = new TextTable(10, 64);

/** How long `/module` is in `/module/@v/version.file`, whose file was looked at; -1 where it is no usual one. */
function moduleLength(bytes: Buffer, start: number, end: number): number {
  let mark = start;
  while (mark < end && bytes[mark] !== atSign) mark += 1;
  const isFile = bytes[mark - 1] === slash && bytes[mark + 1] === 118 && bytes[mark + 2] === slash;
  const length = mark - 1 - start;
  if (!isFile || length < 4 || length > modules.bytesMax) return -1;
  for (let at = mark + 3; at < end; at += 1) if (versionBytes[byteAt(bytes, at)] !== 1) return -1;
  return length;
}
