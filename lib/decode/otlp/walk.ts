import type { Cursor } from "./cursor.ts";

/** Tags of the fields that hold further messages: AnyValue's lists, their items, KeyValue's value. */
const tags = { array: 0x2a, map: 0x32, item: 0x0a, value: 0x12 } as const;

/**
 * How many messages may stand inside each other within a value: a list is two, a map is three.
 * Protobuf libraries follow 100 from the request down, of which up to six are around a value.
 */
const depthMax = 90;

/** Steps over the rest of an AnyValue, checking that what it holds is well formed down to the last list. */
export function walkValue(cursor: Cursor, depth: number): void {
  while (cursor.next()) walkValueField(cursor, depth);
}

/** Steps over the current field of an AnyValue, checking what it holds. */
export function walkValueField(cursor: Cursor, depth: number): void {
  const { tag } = cursor;
  if (tag !== tags.array && tag !== tags.map) {
    cursor.skip();
    return;
  }
  const inner = depth + (tag === tags.array ? 2 : 3);
  if (inner > depthMax) throw cursor.malformed("values are nested too deep");
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.tag !== tags.item) {
      cursor.skip();
      continue;
    }
    const around = cursor.enter();
    if (tag === tags.array) walkValue(cursor, inner);
    else walkEntry(cursor, inner);
    cursor.leave(around);
  }
  cursor.leave(outer);
}

/**
 * Steps over the message the current field holds, checking the attributes in it,
 * which are its fields with the tag `attributes`.
 */
export function walkAttributed(cursor: Cursor, attributes: number): void {
  const outer = cursor.enter();
  while (cursor.next()) {
    if (cursor.tag !== attributes) {
      cursor.skip();
      continue;
    }
    const around = cursor.enter();
    walkEntry(cursor, 0);
    cursor.leave(around);
  }
  cursor.leave(outer);
}

function walkEntry(cursor: Cursor, depth: number): void {
  while (cursor.next()) {
    if (cursor.tag !== tags.value) {
      cursor.skip();
      continue;
    }
    const outer = cursor.enter();
    walkValue(cursor, depth);
    cursor.leave(outer);
  }
}
