import { byteAt, type Bytes, placeOf } from "#lib/decode/bytes.ts";

/**
 * What a value of a plain line may be, always ASCII without backslash: `text` up to the next literal; `word` without
 * blanks, `list` the same where nginx would write several attempts with blanks, `pair` a list without a quote in front;
 * `number` of digits, points and dashes, `status` without points; `seconds` as 0.012; `token` a word that is neither
 * seconds nor `key=value`; `json` a number, true, false or null.
 */
export type PlainKind =
  | "text"
  | "word"
  | "list"
  | "pair"
  | "number"
  | "status"
  | "seconds"
  | "token"
  | "json";

/** A value, and the text before it. */
export interface PlainValue {
  readonly before: string;
  readonly kind: PlainKind;
  /** Null for a value that nobody asks for. */
  readonly slot: number | null;
}

interface Step {
  readonly before: Literal;
  /** The byte behind the value. */
  readonly until: number;
  /** 1 for bytes that the value may have; null where it may have all that a plain line has. */
  readonly allowed: Uint8Array | null;
  readonly isFit: ((bytes: Buffer, start: number, end: number) => boolean) | null;
  readonly slot: number;
}

/** The values of lines that all have the same texts in between: a value ends where its literal begins. */
export class PlainLayout {
  /** By slot, the place of the value's first byte; -1 where the layout has no such value. */
  readonly starts: Int32Array;
  /** By slot, the place behind the value's last byte. */
  readonly ends: Int32Array;
  readonly #steps: readonly Step[];
  readonly #ending: Literal;

  private constructor(steps: readonly Step[], ending: string, slots: number) {
    this.#steps = steps;
    this.#ending = new Literal(`${ending}\n`);
    this.starts = new Int32Array(slots).fill(-1);
    this.ends = new Int32Array(slots).fill(-1);
  }

  /** `ending` stands behind the last value. Null where nobody could tell the end of a value, or two fill one slot. */
  static of(values: readonly PlainValue[], ending: string, slots: number): PlainLayout | null {
    const asked = values.flatMap(({ slot }) => (slot === null ? [] : [slot]));
    const texts = [...values.map(({ before }) => before), ending].join("");
    const isEndless = values.slice(1).some(({ before }) => before === "");
    if (isEndless || new Set(asked).size < asked.length || !isPlain.test(texts)) return null;
    const steps = values.map(({ before, kind, slot }, place) => ({
      before: new Literal(before),
      until: `${values[place + 1]?.before ?? ending}\n`.charCodeAt(0),
      allowed: allowedOf[kind] ?? null,
      isFit: fitOf[kind] ?? null,
      slot: slot ?? -1,
    }));
    return new PlainLayout(steps, ending, slots);
  }

  /** Finds the values of the line that begins at a place, and gives the place behind its newline; -1 for another layout. */
  scan(source: Bytes, from: number): number {
    const lineEnd = plainLineEnd(source, from);
    if (lineEnd < 0) return -1;
    let at = from;
    for (const step of this.#steps) {
      const start = step.before.endIn(source, at);
      if (start < 0) return -1;
      at = valueEnd(source, start, lineEnd, step);
      if (at < 0) return -1;
      if (step.slot < 0) continue;
      this.starts[step.slot] = start;
      this.ends[step.slot] = at;
    }
    return this.#ending.endIn(source, at);
  }
}

// Four bytes at a time: a byte of a word is 0 where its high bit is set after 1 is taken from it and was not before,
// and it is below 32 where the same holds for 32.
const ones = 0x01_01_01_01;
const highBits = 0x80_80_80_80;
const blanks = 0x20_20_20_20;
const backslashes = 0x5c_5c_5c_5c;

/** The place of the newline behind a line of ASCII without backslashes and control characters; -1 for any other. */
function plainLineEnd({ bytes, view }: Bytes, from: number): number {
  const lastWord = bytes.length - 4;
  let at = from;
  for (; at <= lastWord; at += 4) {
    const word = view.getInt32(at, true);
    const other = word ^ backslashes;
    const strange = word | ((word - blanks) & ~word) | ((other - ones) & ~other);
    if ((strange & highBits) !== 0) break;
  }
  for (; at < bytes.length; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte === newline) return at;
    if (!isText(byte)) return -1;
  }
  return -1;
}

function valueEnd(source: Bytes, start: number, lineEnd: number, step: Step): number {
  const { bytes } = source;
  const { until, allowed, isFit } = step;
  if (allowed === null && until === newline) return lineEnd;
  if (allowed === null) return placeOf(source, until, start, lineEnd);
  let at = start;
  let byte = byteAt(bytes, at);
  while (byte !== until && allowed[byte] === 1) {
    at += 1;
    byte = byteAt(bytes, at);
  }
  return byte === until && (isFit === null || isFit(bytes, start, at)) ? at : -1;
}

/** A text that must stand between two values. Reads four bytes at a time, the last four perhaps twice. */
class Literal {
  readonly #length: number;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
    this.#length = this.#bytes.length;
    const view = new DataView(this.#bytes.buffer);
    const words = this.#length < 4 ? 0 : Math.ceil(this.#length / 4);
    this.#words = Int32Array.from({ length: words }, (_, place) =>
      view.getInt32(Math.min(place * 4, this.#length - 4), true),
    );
  }

  /** The place behind the text that begins at a place; -1 where another stands there. */
  endIn({ bytes, view }: Bytes, at: number): number {
    const words = this.#words;
    const end = at + this.#length;
    if (end > bytes.length) return -1;
    if (words.length === 0) return this.#endOfShort(bytes, at);
    const last = words.length - 1;
    for (let place = 0; place < last; place += 1) {
      if (view.getInt32(at + place * 4, true) !== words[place]) return -1;
    }
    return view.getInt32(end - 4, true) === words[last] ? end : -1;
  }

  #endOfShort(bytes: Buffer, at: number): number {
    const own = this.#bytes;
    for (let place = 0; place < own.length; place += 1) {
      if (bytes[at + place] !== own[place]) return -1;
    }
    return at + own.length;
  }
}

const isPlain = /^[ !-[\]-~]*$/;

const newline = 10;
const [blank, quote, comma, dash, point, zero, bracket] = [32, 34, 44, 45, 46, 48, 91] as const;

function bytesWhere(isAllowed: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isAllowed(byte) ? 1 : 0));
}

const isText = (byte: number): boolean => byte >= blank && byte < 128 && byte !== 92;
const isWord = (byte: number): boolean => isText(byte) && byte !== blank;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const words = bytesWhere(isWord);
const numbers = bytesWhere((byte) => isDigit(byte) || byte === point || byte === dash);

const allowedOf: Readonly<Partial<Record<PlainKind, Uint8Array>>> = {
  word: words,
  list: words,
  pair: words,
  number: numbers,
  status: bytesWhere((byte) => isDigit(byte) || byte === dash),
  seconds: bytesWhere((byte) => isDigit(byte) || byte === point),
  token: bytesWhere((byte) => isWord(byte) && byte !== 61),
  json: bytesWhere((byte) => isDigit(byte) || byte === point || (byte >= 97 && byte <= 122)),
};

const fitOf: Readonly<Partial<Record<PlainKind, NonNullable<Step["isFit"]>>>> = {
  list: isSingle,
  pair: (bytes, start, end) => bytes[start] !== quote && isSingle(bytes, start, end),
  seconds: isSeconds,
  token: (bytes, start, end) =>
    end > start &&
    bytes[start] !== quote &&
    bytes[start] !== bracket &&
    !isSeconds(bytes, start, end),
  json: isJsonWord,
};

/** Whether the value is not the first of several, which stand behind commas. */
function isSingle(bytes: Buffer, start: number, end: number): boolean {
  return end === start || bytes[end - 1] !== comma;
}

function isSeconds(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < "0.000".length || bytes[end - 4] !== point) return false;
  for (let at = start; at < end; at += 1) {
    if (at !== end - 4 && !isDigit(byteAt(bytes, at))) return false;
  }
  return true;
}

/** A number that JSON allows, without sign and exponent and short enough to be exact, or one of its words. */
function isJsonWord(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > 15) return false;
  const wholeEnd = digitsEnd(bytes, start, end);
  if (wholeEnd === start) return jsonWords.has(bytes.toString("latin1", start, end));
  if (bytes[start] === zero && wholeEnd > start + 1) return false;
  if (wholeEnd === end) return true;
  return (
    bytes[wholeEnd] === point && wholeEnd + 1 < end && digitsEnd(bytes, wholeEnd + 1, end) === end
  );
}

function digitsEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(byteAt(bytes, at))) at += 1;
  return at;
}

const jsonWords: ReadonlySet<string> = new Set(["true", "false", "null"]);
