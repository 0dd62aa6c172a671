import type { Exchange } from "#lib/core/exchange.ts";
import type { LogLine } from "#lib/core/log-line.ts";
import { plausibleDurationUs } from "#lib/core/plausible.ts";
import { RecordRows, type RowNames } from "#lib/core/record-rows.ts";
import type { StreamDecoder } from "#lib/decode/access-log.ts";
import { heldLine } from "#lib/decode/access-record.ts";
import { type Bytes, bytesOf } from "#lib/decode/bytes.ts";
import { isCut, joinedLines } from "#lib/decode/log-lines.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { logLineOfText } from "#lib/normalize/log-line.ts";
import { addPlainLine } from "#lib/normalize/plain-line.ts";
import { addExchange } from "#lib/normalize/record-rows.ts";

import type { LineStream } from "./prepared.ts";
import { type Refusal, Refusals, type Timeliness } from "./refusals.ts";
import { type Heard, Newest } from "./senders.ts";

export const lineLengthMax = 65_536;
/** Rejections told one by one; all are counted. */
const rejectionsMax = 100;
/** Lines read of one body: each can be of one byte, and becomes many more. */
export const linesMax = 1_000_000;
/** Unread lines kept of one body: a file that is no log would fill the disk. */
const unreadMax = 100_000;

/** What a body of log lines holds. */
interface ReadLines {
  readonly rows: RecordRows;
  /** Lines that became exchanges. */
  readonly exchanges: number;
  readonly heard: readonly Heard[];
  /** Lines that are kept as they are: unread ones, and those of error logs. */
  readonly logLines: readonly LogLine[];
  /** All lines of the body, which their positions count. */
  readonly records: number;
  /** Lines that tell of no request by themselves: kept for one to come. */
  readonly held: number;
  readonly rejected: number;
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
  /** Kind of reason → lines. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** How the lines of a body are to be read. */
interface LineReading {
  readonly decoder: StreamDecoder;
  readonly stream: LineStream;
  /** Those of the project. */
  readonly names: RowNames;
  /** Dates lines that have no date of their own. */
  readonly receivedMs: number;
  readonly timeliness: Timeliness;
  /** The same for log lines, which have a retention of their own. */
  readonly logTimeliness: Timeliness;
}

/** Reads the lines of a body one by one: a bad line is refused alone, and kept as it is. */
export function readLines(payload: Uint8Array, reading: LineReading): ReadLines {
  const body = new BodyReader(payload, reading);
  body.readPlain();
  body.readRest();
  return body.read();
}

/** So many lines that are not plain let the rest of the body be read as text at once. */
const strangersMax = 16;

/** The lines of one body, plain ones from their bytes and the others as text. */
class BodyReader {
  readonly #source: Bytes;
  readonly #reading: LineReading;
  readonly #rows: RecordRows;
  readonly #newest = new Newest();
  readonly #logLines: LogLine[] = [];
  readonly #rejections: { line: number; reason: string }[] = [];
  readonly #refusals = new Refusals();
  #exchanges = 0;
  #held = 0;
  #unread = 0;
  #records = 0;
  /** Where the next line begins. */
  #at = 0;

  constructor(payload: Uint8Array, reading: LineReading) {
    this.#source = bytesOf(payload);
    this.#reading = reading;
    this.#rows = new RecordRows(Math.ceil((1.1 * payload.length) / rowBytesSeen), reading.names);
  }

  /** Reads lines as long as most of them are plain. */
  readPlain(): void {
    const { bytes } = this.#source;
    const lastNewline = bytes.lastIndexOf(newline);
    let strangers = 0;
    while (this.#at <= lastNewline && strangers < strangersMax && this.#records < linesMax) {
      const end = this.#plainEnd();
      if (end < 0) {
        const lineEnd = bytes.indexOf(newline, this.#at);
        const text = withoutReturn(bytes.toString("utf8", this.#at, lineEnd));
        // Any line behind it may hold its other pieces.
        if (isCut(text)) return;
        this.#readText(text);
        this.#at = lineEnd + 1;
        strangers += 1;
      } else {
        this.#at = end;
        strangers = 0;
      }
      this.#records += 1;
    }
  }

  /** Reads all further lines as text, as far as they are taken. */
  readRest(): void {
    const { bytes } = this.#source;
    const end = endOfLines(bytes, this.#at, linesMax - this.#records);
    const texts = joinedLines(linesOf(bytes.subarray(this.#at, end)));
    for (const text of texts) {
      this.#readText(text);
      this.#records += 1;
    }
    const beyond = linesFrom(bytes, end);
    if (beyond > 0) this.#refuse(tooManyLines, beyond);
    this.#records += beyond;
  }

  read(): ReadLines {
    const { length } = this.#rows;
    if (length >= rowsTelling) {
      rowBytesSeen = Math.max(rowBytesMin, this.#source.bytes.length / length);
    }
    return {
      rows: this.#rows,
      exchanges: this.#exchanges,
      heard: this.#newest.heard(),
      logLines: this.#logLines,
      records: this.#records,
      held: this.#held,
      rejected: this.#refusals.count,
      rejections: this.#rejections,
      reasons: this.#refusals.byKind(),
    };
  }

  /** Takes the line where the body is at, if it is plain, and gives its end; -1 for any other line. */
  #plainEnd(): number {
    const { decoder, stream, timeliness } = this.#reading;
    const { plain } = decoder;
    if (plain === undefined) return -1;
    const end = plain.read(this.#source, this.#at);
    if (end < 0 || end - this.#at > lineLengthMax) return -1;
    const { line } = plain;
    if (timeliness(line.startUs) !== null) return -1;
    addPlainLine(this.#rows, this.#records, stream.proxy, line);
    const endUs = line.startUs + (plausibleDurationUs(line.durationUs) ?? 0);
    this.#newest.see(stream.proxy, stream.instance, endUs);
    this.#exchanges += 1;
    return end;
  }

  /** Takes the text of the next line. */
  #readText(text: string): void {
    if (text.trim() === "") return;
    const read = readLine(text, this.#reading, this.#unread < unreadMax);
    if (read.exchange !== undefined) {
      addExchange(this.#rows, this.#records, read.exchange);
      this.#newest.seeExchange(read.exchange);
      this.#exchanges += 1;
    }
    if (read.logLine !== undefined) {
      this.#logLines.push(read.logLine);
      this.#newest.seeLogLine(read.logLine, this.#reading.receivedMs);
    }
    if (read.logLine?.kind === "unread") this.#unread += 1;
    if (read.isHeld === true) this.#held += 1;
    if (read.refusal !== undefined) this.#refuse(read.refusal);
  }

  #refuse(refusal: Refusal, times = 1): void {
    this.#refusals.add(refusal, times);
    if (this.#rejections.length >= rejectionsMax) return;
    this.#rejections.push({ line: this.#records + 1, reason: refusal.sentence });
  }
}

const newline = 10;

/** Where so many lines end, or the body. */
function endOfLines(bytes: Buffer, from: number, count: number): number {
  if (bytes.length - from <= count) return bytes.length;
  let at = from;
  for (let line = 0; line < count; line += 1) {
    at = bytes.indexOf(newline, at) + 1;
    if (at === 0) return bytes.length;
  }
  return at;
}

/** How many lines stand from a place on. */
function linesFrom(bytes: Buffer, from: number): number {
  let count = 0;
  let at = from;
  while (at < bytes.length) {
    const end = bytes.indexOf(newline, at);
    count += 1;
    if (end < 0) break;
    at = end + 1;
  }
  return count;
}

/** Bytes of a body for each of its rows, as the last body had them that had enough of them: bodies are much alike. */
let rowBytesSeen = 150;
const rowsTelling = 100;
/** A body of nothing but attempts must not have the next one ask for room that it will never fill. */
const rowBytesMin = 64;

/** What one line is: of these, a held line may be a log line too, and a refused one as well. */
interface ReadLine {
  readonly exchange?: Exchange;
  readonly logLine?: LogLine;
  readonly isHeld?: true;
  readonly refusal?: Refusal;
}

function readLine(text: string, reading: LineReading, mayKeep: boolean): ReadLine {
  const { decoder, stream, receivedMs, timeliness } = reading;
  if (text.length > lineLengthMax) {
    const sentence = `The line is longer than ${lineLengthMax} characters.`;
    return unreadLine(text, reading, { kind: "line_too_long", sentence }, mayKeep);
  }
  const record = decoder.decode(text, receivedMs * 1000);
  if (typeof record !== "string") {
    const refusal = timeliness(record.startUs);
    return refusal === null ? { exchange: exchangeOfRecord(record, stream) } : { refusal };
  }
  const event = eventLine(text, reading);
  if (record === heldLine) return { ...event, isHeld: true };
  return event ?? unreadLine(text, reading, { kind: "not_understood", sentence: record }, mayKeep);
}

/** A line of an error log, as a log line; null for a line that was not understood. */
function eventLine(text: string, reading: LineReading): ReadLine | null {
  const { decoder, stream, receivedMs, logTimeliness } = reading;
  const event = decoder.event(text, receivedMs * 1000);
  if (!event.isUnderstood) return null;
  const atUs = event.atUs ?? receivedMs * 1000;
  const refusal = logTimeliness(atUs);
  if (refusal !== null) return { refusal };
  const origin = { ...stream, format: decoder.format };
  return { logLine: logLineOfText(event, origin, { atUs, kind: "record", reason: null }) };
}

/** A line that nobody understood is of the time at which its transport took it, or it came. */
function unreadLine(
  text: string,
  { decoder, stream, receivedMs, logTimeliness }: LineReading,
  refusal: Refusal,
  mayKeep: boolean,
): ReadLine {
  if (!mayKeep) return { refusal: tooManyUnread };
  const event = decoder.event(text, receivedMs * 1000);
  const isTimely = event.atUs !== null && logTimeliness(event.atUs) === null;
  const atUs = isTimely && event.atUs !== null ? event.atUs : receivedMs * 1000;
  const came = { atUs, kind: "unread" as const, reason: refusal.sentence };
  const origin = { ...stream, format: decoder.format };
  return { refusal, logLine: logLineOfText(event, origin, came) };
}

const tooManyLines: Refusal = {
  kind: "too_many_lines",
  sentence: `Of one request at most ${linesMax} lines are read; send smaller ones.`,
};

const tooManyUnread: Refusal = {
  kind: "too_many_unread",
  sentence: `Of one request at most ${unreadMax} lines are kept that cannot be read: name their format with ?format=.`,
};

/** Lines without their ends; what is not UTF-8 becomes U+FFFD rather than a lost line. */
export function linesOf(payload: Uint8Array): string[] {
  const { buffer, byteOffset, byteLength } = payload;
  const lines = Buffer.from(buffer, byteOffset, byteLength).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(withoutReturn);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
