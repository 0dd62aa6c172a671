import { transportTimeUs } from "../access-log/unwrap.ts";
import { byteAt, type Bytes, isAscii, placeOf } from "../bytes.ts";

const utf8 = new TextDecoder();
const stampShape = "0000-00-00T00:00:00.000000Z stdout F ";
const secondLength = "0000-00-00T00:00:00".length;
/** CRI has four digits for a year. */
const timeUsEnd = Date.UTC(10_000, 0) * 1000;
const [newline, blank, zero, dash, colon, letterT] = [10, 32, 48, 45, 58, 84] as const;

/** What CRI writes before a line of stdout; a stream's lines are of few seconds, so only the last digits are written anew. */
class Stamp {
  readonly #bytes = Buffer.from(stampShape);
  #second = -1;

  /** Writes it with a time, and gives the place behind it. */
  writeTo(body: Buffer, at: number, timeUs: number): number {
    const below = timeUs % 1_000_000;
    const second = (timeUs - below) / 1_000_000;
    if (second !== this.#second) {
      this.#bytes.write(new Date(second * 1000).toISOString().slice(0, secondLength));
      this.#second = second;
    }
    let rest = below;
    for (let place = secondLength + 6; place > secondLength; place -= 1) {
      this.#bytes[place] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return at + this.#bytes.copy(body, at);
  }
}

/**
 * Lines with the times at which their transport took them, to be written as those of CRI, one behind the other. A line that
 * has such a time already is written as it is, and so is one with a time that CRI can't write.
 */
export class DatedLines {
  readonly #sources: Buffer[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Epoch microseconds; 0 where none is to be written. */
  readonly #timesUs: number[] = [];
  #bytes = 0;

  /** How many bytes they are, written. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the line between two places of a payload, which may not change before it is written. */
  add(payload: Bytes, start: number, end: number, timeUs: number): void {
    const { bytes } = payload;
    let trimmed = end;
    while (trimmed > start && isSpace(byteAt(bytes, trimmed - 1))) trimmed -= 1;
    if (isAscii(payload, start, trimmed, blank)) {
      this.#add(bytes, start, trimmed, isDated(payload, start, trimmed) ? 0 : timeUs);
    } else this.addText(utf8.decode(bytes.subarray(start, end)), timeUs);
  }

  /** Adds a line, without its end and what would cut it into several. */
  addText(line: string, timeUs: number): void {
    const text = line.replaceAll(/[\r\n]+/g, " ").trimEnd();
    const bytes = Buffer.from(text);
    this.#add(bytes, 0, bytes.length, transportTimeUs(text) === null ? timeUs : 0);
  }

  /** Writes them from a place on, and gives the place behind them. */
  writeTo(body: Buffer, from: number): number {
    const stamp = new Stamp();
    let at = from;
    for (const [place, source] of this.#sources.entries()) {
      const timeUs = this.#timesUs[place] ?? 0;
      if (timeUs > 0) at = stamp.writeTo(body, at, timeUs);
      at += source.copy(body, at, this.#starts[place], this.#ends[place]);
      body[at] = newline;
      at += 1;
    }
    return at;
  }

  #add(source: Buffer, start: number, end: number, timeUs: number): void {
    const isWritten = timeUs > 0 && timeUs < timeUsEnd;
    this.#sources.push(source);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#timesUs.push(isWritten ? timeUs : 0);
    this.#bytes += end - start + 1 + (isWritten ? stampShape.length : 0);
  }
}

/** Whether the transport's time stands in the line. */
function isDated(source: Bytes, start: number, end: number): boolean {
  if (!mayBeDated(source, start, end)) return false;
  return transportTimeUs(source.bytes.toString("latin1", start, end)) !== null;
}

/** Whether a date with its time may stand in the line, written as 2026-11-20T22:09:04. */
function mayBeDated(source: Bytes, start: number, end: number): boolean {
  const { bytes } = source;
  let at = placeOf(source, letterT, start, end);
  while (at >= 0) {
    if (bytes[at - 3] === dash && bytes[at + 3] === colon) return true;
    at = placeOf(source, letterT, at + 1, end);
  }
  return false;
}

function isSpace(byte: number): boolean {
  return byte === blank || (byte >= 9 && byte <= 13);
}
