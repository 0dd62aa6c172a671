import { accessLogDecoder, type StreamDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { isOfContainer, joinedLines } from "#lib/decode/log-lines.ts";
import type { BlockStream } from "#lib/query/blocks.ts";

import { linesOf } from "../ingest/lines.ts";
import { TextLines, type TextLine } from "./text-lines.ts";

/** The record of a line, its place, and the line. */
export interface LineRecord {
  readonly position: number;
  readonly record: AccessRecord;
  readonly raw: string;
}

/** How the lines of a payload are read again. */
export interface LineReading {
  readonly payload: Uint8Array;
  readonly stream: BlockStream;
  readonly receivedUs: number;
}

/** Formats that tell of one request in several lines: an error log in the same stream, attempts beside their request. */
export const joiningFormats: ReadonlySet<string> = new Set(["auto", "nginx", "caddy", "varnish"]);
/** Of lines with more paths than these, all are read: to look for what belongs to each would cost more. */
const pathsMax = 8;
const relatedMax = 500;
/** Lines from which a decoder that was told no format finds it out. */
const firstLines = 10;

/**
 * The records of some lines, among others, by reading them and those that may tell of the same requests: lines that name
 * the same path. Null where all lines have to be read: those of containers may be pieces, and of many it is cheaper.
 */
export function recordsOfLines(
  reading: LineReading,
  wanted: (lines: TextLines) => readonly number[],
): LineRecord[] | null {
  const lines = new TextLines(reading.payload);
  const own = wanted(lines).flatMap((position) => lines.at(position) ?? []);
  if (own.some(({ text }) => isOfContainer(text))) return null;
  const about = linesAbout(lines, own, reading.stream);
  return about === null ? null : recordsIn(about, reading);
}

/**
 * The record of one line, with what the payloads before it say of its request; null where it tells of none. The line stands in
 * the last payload.
 */
export function recordBehindOthers(
  readings: readonly LineReading[],
  position: number,
): LineRecord | null {
  const payloads = readings.map((reading) => ({
    ...reading,
    lines: new TextLines(reading.payload),
  }));
  const own = payloads.at(-1)?.lines.at(position) ?? null;
  const path = own === null ? null : pathIn(own.text);
  if (own === null) return null;
  if (path !== null && !isOfContainer(own.text)) {
    const related = payloads.map(({ lines, ...reading }) => ({
      ...reading,
      lines: lines.holding(path, relatedMax).flatMap((place) => lines.at(place) ?? []),
    }));
    const found = lastRecord(related, position);
    if (found !== null) return found;
  }
  // Its request may be named by a number alone, or by another path.
  return lastRecord(
    readings.map((reading) => ({ ...reading, lines: allLines(reading) })),
    position,
  );
}

function lastRecord(
  readings: readonly (LineReading & { readonly lines: readonly TextLine[] })[],
  position: number,
): LineRecord | null {
  const [last] = readings.slice(-1);
  if (last === undefined) return null;
  const decoder = accessLogDecoder(last.stream);
  for (const { lines, receivedUs } of readings.slice(0, -1)) {
    for (const { text } of lines) decoder.decode(text, receivedUs);
  }
  const upTo = last.lines.filter((line) => line.position <= position);
  const read = recordsIn(upTo, last, decoder);
  return read.find((one) => one.position === position) ?? null;
}

/** The records of all lines. */
export function recordsOfAll(reading: LineReading): LineRecord[] {
  return recordsIn(allLines(reading), reading);
}

function allLines({ payload }: LineReading): TextLine[] {
  return joinedLines(linesOf(payload)).map((text, position) => ({ position, text }));
}

function recordsIn(
  lines: readonly TextLine[],
  { stream, receivedUs }: LineReading,
  decoder: StreamDecoder = accessLogDecoder(stream),
): LineRecord[] {
  return lines.flatMap(({ position, text: raw }) => {
    const record = raw === "" ? "" : decoder.decode(raw, receivedUs);
    return typeof record === "string" ? [] : [{ position, record, raw }];
  });
}

function linesAbout(
  lines: TextLines,
  own: readonly TextLine[],
  { format }: BlockStream,
): readonly TextLine[] | null {
  if (own.length === 0 || !joiningFormats.has(format)) return own;
  const paths = new Set(own.map(({ text }) => pathIn(text)));
  if (paths.size > pathsMax) return null;
  const places = new Set(own.map(({ position }) => position));
  if (format === "auto") for (let place = 0; place < firstLines; place += 1) places.add(place);
  for (const path of paths) {
    if (path !== null) for (const place of lines.holding(path, relatedMax)) places.add(place);
  }
  return [...places].toSorted((a, b) => a - b).flatMap((place) => lines.at(place) ?? []);
}

/** The longest piece of a line that looks like a path; a user agent or a date is shorter than what is asked for, or no harm. */
function pathIn(text: string): string | null {
  const found = text.match(/\/[^\s"'?#\\;,|]+/g) ?? [];
  return found.reduce<string | null>(
    (longest, one) => (one.length > (longest?.length ?? 0) ? one : longest),
    null,
  );
}
