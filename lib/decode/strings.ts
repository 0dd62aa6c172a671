import { byteAt, type Bytes, isAscii } from "./bytes.ts";
import { TextTable } from "./text-table.ts";

/** A fact is cut here: nobody reads more of a path, and one hostile string must not be kept whole. */
const textBytesMax = 8192;

const names = new TextTable(12, 64);
/**
 * Paths come again at most in the other spans of their request, and are many:
 * in a table of their own they drive no name out of the other, and this one stays in the processor's cache.
 */
const paths = new TextTable(9, 128);
/** Strings of up to three bytes, such as GET, by their bytes as one number. */
const shortTexts: string[] = Array.from({ length: 256 }, () => "");
const shortKeys = new Int32Array(256);
const utf8 = new TextDecoder();

/**
 * The text of bytes `start` to `end`: broken UTF-8 becomes U+FFFD, NUL is left out (Postgres takes none),
 * and what was seen lately is given as the same string, through a table of fixed size.
 */
export function textOf(source: Bytes, start: number, end: number): string {
  return rememberedText(names, source, start, end);
}

/** As `textOf`, for paths and other texts that are seldom the same. */
export function pathTextOf(source: Bytes, start: number, end: number): string {
  return rememberedText(paths, source, start, end);
}

function rememberedText(table: TextTable, source: Bytes, start: number, end: number): string {
  const length = end - start;
  if (length < 4) return shortText(source, start, end);
  if (length > table.bytesMax) return decoded(source, start, Math.min(end, start + textBytesMax));
  const slot = table.slotOf(source.view, start, length);
  const known = table.textAt(slot, source.view, start, length);
  if (known !== null) return known;
  const text = decoded(source, start, end);
  table.keep(slot, source.view, start, length, text);
  return text;
}

function shortText(source: Bytes, start: number, end: number): string {
  let key = end - start;
  for (let at = start; at < end; at += 1) key = key * 256 + byteAt(source.bytes, at);
  const slot = Math.imul(key, 0x9e_37_79_b1) >>> 24;
  if (shortKeys[slot] === key) return shortTexts[slot] ?? "";
  const text = decoded(source, start, end);
  shortKeys[slot] = key;
  shortTexts[slot] = text;
  return text;
}

function decoded(source: Bytes, start: number, end: number): string {
  // Of such bytes the quickest decoder makes the right text.
  if (isAscii(source, start, end, 1)) return source.bytes.toString("latin1", start, end);
  const text = utf8.decode(source.bytes.subarray(start, end));
  return text.includes("\0") ? text.replaceAll("\0", "") : text;
}
