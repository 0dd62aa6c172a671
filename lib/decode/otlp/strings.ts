import { byteAt } from "./cursor.ts";

const slotCount = 8192;
/** Longer strings are rarely seen twice. */
const cachedBytesMax = 160;
/** Above this many bytes the native decoder is quicker than making the string from char codes. */
const charCodesMax = 64;
/** A fact is cut here: nobody reads more of a path, and one hostile string must not be kept whole. */
const textBytesMax = 8192;

const slots: string[] = Array.from({ length: slotCount }, () => "");
const utf8 = new TextDecoder();

/**
 * The text of bytes `start` to `end`: broken UTF-8 becomes U+FFFD, NUL is left out (Postgres takes none),
 * and what was seen lately is given as the same string, through a table of fixed size.
 */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > cachedBytesMax) return decoded(bytes, start, Math.min(end, start + textBytesMax));
  let hash = length;
  let seen = 0;
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(bytes, at);
    hash = Math.imul(hash ^ byte, 0x01_00_01_93);
    // The top bit of `seen` ends up set where a byte is NUL (which - 1 makes negative) or not ASCII.
    seen |= (byte - 1) | (byte << 24);
  }
  const slot = (hash ^ (hash >>> 15)) & (slotCount - 1);
  const known = slots[slot] ?? "";
  if (known.length === length && sameText(known, bytes, start)) return known;
  const text =
    seen >= 0 && length <= charCodesMax
      ? (Reflect.apply(String.fromCharCode, null, bytes.subarray(start, end)) as string)
      : decoded(bytes, start, end);
  slots[slot] = text;
  return text;
}

function sameText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) !== byteAt(bytes, start + index)) return false;
  }
  return true;
}

function decoded(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8.decode(bytes.subarray(start, end));
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}
