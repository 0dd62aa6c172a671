import type { Exchange } from "#lib/core/exchange.ts";
import type { LogLine } from "#lib/core/log-line.ts";
import { RecordRows } from "#lib/core/record-rows.ts";
import type { StreamDecoder } from "#lib/decode/access-log.ts";
import { heldLine } from "#lib/decode/access-record.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { logLineOfText } from "#lib/normalize/log-line.ts";
import { addExchange } from "#lib/normalize/record-rows.ts";

import type { LineStream } from "./prepared.ts";
import { type Refusal, Refusals, type Timeliness } from "./refusals.ts";
import { type Heard, Newest } from "./senders.ts";

export const lineLengthMax = 65_536;
/** Rejections told one by one; all are counted. */
const rejectionsMax = 100;
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
  /** Dates lines that have no date of their own. */
  readonly receivedMs: number;
  readonly timeliness: Timeliness;
  /** The same for log lines, which have a retention of their own. */
  readonly logTimeliness: Timeliness;
}

/** Reads the lines of a body one by one: a bad line is refused alone, and kept as it is. */
export function readLines(payload: Uint8Array, reading: LineReading): ReadLines {
  const texts = joinedLines(linesOf(payload));
  const rows = new RecordRows(texts.length);
  const newest = new Newest();
  let exchanges = 0;
  const logLines: LogLine[] = [];
  const rejections: { line: number; reason: string }[] = [];
  const refusals = new Refusals();
  let held = 0;
  let unread = 0;
  for (const [position, text] of texts.entries()) {
    if (text.trim() === "") continue;
    const read = readLine(text, reading, unread < unreadMax);
    if (read.exchange !== undefined) {
      addExchange(rows, position, read.exchange);
      newest.seeExchange(read.exchange);
      exchanges += 1;
    }
    if (read.logLine !== undefined) {
      logLines.push(read.logLine);
      newest.seeLogLine(read.logLine, reading.receivedMs);
    }
    if (read.logLine?.kind === "unread") unread += 1;
    if (read.isHeld === true) held += 1;
    if (read.refusal === undefined) continue;
    refusals.add(read.refusal);
    if (rejections.length < rejectionsMax) {
      rejections.push({ line: position + 1, reason: read.refusal.sentence });
    }
  }
  return {
    rows,
    exchanges,
    heard: newest.heard(),
    logLines,
    records: texts.length,
    held,
    rejected: refusals.count,
    rejections,
    reasons: refusals.byKind(),
  };
}

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

const tooManyUnread: Refusal = {
  kind: "too_many_unread",
  sentence: `Of one request at most ${unreadMax} lines are kept that cannot be read: name their format with ?format=.`,
};

/** Lines without their ends; what is not UTF-8 becomes U+FFFD rather than a lost line. */
export function linesOf(payload: Uint8Array): string[] {
  const { buffer, byteOffset, byteLength } = payload;
  const lines = Buffer.from(buffer, byteOffset, byteLength).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}
