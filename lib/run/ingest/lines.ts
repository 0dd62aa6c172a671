import type { Exchange } from "#lib/core/exchange.ts";
import { heldLine, type LineDecoder } from "#lib/decode/access-record.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";

import type { LineStream, PlacedLine } from "./prepared.ts";

export const lineLengthMax = 65_536;
/** Rejections told one by one; all are counted. */
const rejectionsMax = 100;

/** What a body of log lines holds. */
export interface ReadLines {
  readonly lines: readonly PlacedLine[];
  /** All lines of the body, which their positions count. */
  readonly records: number;
  /** Lines that tell of no request by themselves: kept for one to come. */
  readonly held: number;
  readonly rejected: number;
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
  /** Kind of reason → lines. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Why a record is refused for its time; null for a good one. */
export type Timeliness = (startUs: number) => Refusal | null;

/** How the lines of a body are to be read. */
export interface LineReading {
  readonly decoder: LineDecoder;
  readonly stream: LineStream;
  /** Dates lines that have no date of their own. */
  readonly receivedMs: number;
  readonly timeliness: Timeliness;
}

/** A refusal for the sender, and its kind for the counters. */
export interface Refusal {
  readonly kind: string;
  readonly sentence: string;
}

/** Reads the lines of a body one by one: a bad line is refused alone. */
export function readLines(payload: Uint8Array, reading: LineReading): ReadLines {
  const texts = joinedLines(linesOf(payload));
  const lines: PlacedLine[] = [];
  const rejections: { line: number; reason: string }[] = [];
  const reasons: Record<string, number> = {};
  let rejected = 0;
  let held = 0;
  for (const [position, text] of texts.entries()) {
    if (text === "") continue;
    const read = readLine(text, reading);
    if (read === null) {
      held += 1;
      continue;
    }
    if (!("sentence" in read)) {
      lines.push({ position, exchange: read });
      continue;
    }
    rejected += 1;
    reasons[read.kind] = (reasons[read.kind] ?? 0) + 1;
    if (rejections.length < rejectionsMax) {
      rejections.push({ line: position + 1, reason: read.sentence });
    }
  }
  return { lines, records: texts.length, held, rejected, rejections, reasons };
}

/** Null for a line that tells of no request by itself: its decoder keeps it for a line to come. */
function readLine(
  text: string,
  { decoder, stream, receivedMs, timeliness }: LineReading,
): Exchange | Refusal | null {
  if (text.length > lineLengthMax) {
    const sentence = `The line is longer than ${lineLengthMax} characters.`;
    return { kind: "line_too_long", sentence };
  }
  const record = decoder.decode(text, receivedMs * 1000);
  if (record === heldLine) return null;
  if (typeof record === "string") return { kind: "not_understood", sentence: record };
  return timeliness(record.startUs) ?? exchangeOfRecord(record, stream);
}

/** Lines without their ends; what is not UTF-8 becomes U+FFFD rather than a lost line. */
export function linesOf(payload: Uint8Array): string[] {
  const { buffer, byteOffset, byteLength } = payload;
  const lines = Buffer.from(buffer, byteOffset, byteLength).toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}
