import { byteAt } from "../bytes.ts";
import { textOf } from "../strings.ts";
import type { Cursor } from "./cursor.ts";

/** Fields of KeyValue, AnyValue, and the lists in it, as they stand on the wire. */
const tags = {
  key: 0x0a,
  value: 0x12,
  string: 0x0a,
  bool: 0x10,
  int: 0x18,
  double: 0x21,
  array: 0x2a,
  map: 0x32,
  bytes: 0x3a,
  item: 0x0a,
} as const;

const depthMax = 90;
/** What is longer is cut: it tells a series apart and nobody reads it whole. */
const textLengthMax = 400;

/** The KeyValue that the cursor is in, its value as text. */
export function attributeText(cursor: Cursor): { readonly key: string; readonly text: string } {
  return entryOf(cursor, 0);
}

function entryOf(cursor: Cursor, depth: number): { readonly key: string; readonly text: string } {
  let key = "";
  let text = "";
  while (cursor.next()) {
    if (cursor.tag !== tags.key && cursor.tag !== tags.value) {
      cursor.skip();
      continue;
    }
    const outer = cursor.enter();
    if (cursor.tag === tags.key) key = textOf(cursor, cursor.at, cursor.end);
    else text = valueText(cursor, depth);
    cursor.leave(outer);
  }
  return { key: cut(key), text: cut(text) };
}

/** The AnyValue that the cursor is in; of several fields the last counts. */
function valueText(cursor: Cursor, depth: number): string {
  if (depth > depthMax) throw cursor.malformed("values are nested too deep");
  let text = "";
  while (cursor.next()) text = readers.get(cursor.tag)?.(cursor, depth) ?? skipped(cursor, text);
  return text;
}

const readers = new Map<number, (cursor: Cursor, depth: number) => string>([
  [tags.string, stringText],
  [tags.bytes, (cursor) => hexText(cursor)],
  [tags.bool, (cursor) => (cursor.varint() === 0 ? "false" : "true")],
  [tags.int, (cursor) => signedVarint(cursor).toString()],
  [tags.double, (cursor) => String(cursor.view.getFloat64(cursor.fixed64(), true))],
  [tags.array, (cursor, depth) => `[${itemsText(cursor, depth + 2, valueText)}]`],
  [tags.map, (cursor, depth) => `{${itemsText(cursor, depth + 3, entryText)}}`],
]);

function skipped(cursor: Cursor, text: string): string {
  cursor.skip();
  return text;
}

function stringText(cursor: Cursor): string {
  const outer = cursor.enter();
  const text = textOf(cursor, cursor.at, cursor.end);
  cursor.leave(outer);
  return text;
}

function hexText(cursor: Cursor): string {
  const outer = cursor.enter();
  const bytes = cursor.bytes.subarray(cursor.at, Math.min(cursor.end, cursor.at + 200));
  cursor.leave(outer);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function entryText(cursor: Cursor, depth: number): string {
  const { key, text } = entryOf(cursor, depth);
  return `${key}:${text}`;
}

function itemsText(
  cursor: Cursor,
  depth: number,
  textOfItem: (cursor: Cursor, depth: number) => string,
): string {
  let text = "";
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.tag !== tags.item) {
      cursor.skip();
      continue;
    }
    const around = cursor.enter();
    const item = textOfItem(cursor, depth);
    // Read on for what is malformed, but keep no more than is shown.
    if (text.length < textLengthMax) text += text === "" ? item : `,${item}`;
    cursor.leave(around);
  }
  cursor.leave(outer);
  return text;
}

function signedVarint(cursor: Cursor): number | bigint {
  const start = cursor.at;
  const value = cursor.varint();
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let at = cursor.at - 1; at >= start; at -= 1) {
    exact = (exact << 7n) | BigInt(byteAt(cursor.bytes, at) & 0x7f);
  }
  return BigInt.asIntN(64, exact);
}

function cut(text: string): string {
  return text.length > textLengthMax ? text.slice(0, textLengthMax).toWellFormed() : text;
}
