import { byteAt, type Bytes } from "./cursor.ts";

const slotBits = 12;
const slotCount = 1 << slotBits;
/** Longer strings are rarely seen twice. */
const cachedBytesMax = 128;
/** Above this many bytes the native decoder is quicker than making the string from char codes. */
const charCodesMax = 64;
/** A fact is cut here: nobody reads more of a path, and one hostile string must not be kept whole. */
const textBytesMax = 8192;

/** What was seen lately: each string, and at `slot * cachedBytesMax` the bytes it was made of. */
const texts: string[] = Array.from({ length: slotCount }, () => "");
const lengths = new Int32Array(slotCount);
const kept = new Uint8Array(slotCount * cachedBytesMax);
const keptView = new DataView(kept.buffer);
/** The same for strings of up to three bytes, such as GET, by their bytes as one number. */
const shortTexts: string[] = Array.from({ length: 256 }, () => "");
const shortKeys = new Int32Array(256);
const utf8 = new TextDecoder();

/**
 * The text of bytes `start` to `end`: broken UTF-8 becomes U+FFFD, NUL is left out (Postgres takes none),
 * and what was seen lately is given as the same string, through a table of fixed size.
 */
export function textOf(source: Bytes, start: number, end: number): string {
  const length = end - start;
  if (length < 4) return shortText(source.bytes, start, end);
  if (length > cachedBytesMax) {
    return decoded(source.bytes, start, Math.min(end, start + textBytesMax));
  }
  const slot = slotOf(source.view, start, length);
  if (lengths[slot] === length && sameBytes(source.view, start, slot, length)) {
    return texts[slot] ?? "";
  }
  const text = decoded(source.bytes, start, end);
  texts[slot] = text;
  lengths[slot] = length;
  kept.set(source.bytes.subarray(start, end), slot * cachedBytesMax);
  return text;
}

function shortText(bytes: Uint8Array, start: number, end: number): string {
  let key = end - start;
  for (let at = start; at < end; at += 1) key = key * 256 + byteAt(bytes, at);
  const slot = Math.imul(key, 0x9e_37_79_b1) >>> 24;
  if (shortKeys[slot] === key) return shortTexts[slot] ?? "";
  const text = decoded(bytes, start, end);
  shortKeys[slot] = key;
  shortTexts[slot] = text;
  return text;
}

/** Where the table keeps strings with these bytes; reads four at a time, the last four perhaps twice. */
function slotOf(view: DataView, start: number, length: number): number {
  const last = start + length - 4;
  let hash = length;
  for (let at = start; at < last; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e_37_79_b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ view.getInt32(last, true), 0x9e_37_79_b1);
  return hash >>> (32 - slotBits);
}

function sameBytes(view: DataView, start: number, slot: number, length: number): boolean {
  const keptStart = slot * cachedBytesMax;
  const last = length - 4;
  for (let at = 0; at < last; at += 4) {
    if (view.getInt32(start + at, true) !== keptView.getInt32(keptStart + at, true)) return false;
  }
  return view.getInt32(start + last, true) === keptView.getInt32(keptStart + last, true);
}

function decoded(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= charCodesMax) {
    const text = asciiText(bytes, start, end);
    if (text !== null) return text;
  }
  const text = utf8.decode(bytes.subarray(start, end));
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}

/** The text if every byte is ASCII and none is NUL. */
function asciiText(bytes: Uint8Array, start: number, end: number): string | null {
  let text = "";
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(bytes, at);
    if (byte === 0 || byte > 0x7f) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}
