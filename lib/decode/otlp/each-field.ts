import { Cursor } from "./cursor.ts";

/** Steps into every field with this tag of the message that the cursor is in. */
export function eachField(cursor: Cursor, tag: number, visit: () => void): void {
  while (cursor.next()) {
    if (cursor.tag !== tag) {
      cursor.skip();
      continue;
    }
    const outer = cursor.enter();
    visit();
    cursor.leave(outer);
  }
}

/** The bytes of the last field with this tag in a part of a payload; none when it is absent. */
export function lastField(
  payload: Uint8Array,
  start: number,
  end: number,
  tag: number,
): Uint8Array {
  const cursor = new Cursor(payload);
  let found = payload.subarray(0, 0);
  cursor.at = start;
  cursor.end = end;
  eachField(cursor, tag, () => {
    found = payload.subarray(cursor.at, cursor.end);
  });
  return found;
}

/** Makes a value when it is first asked for. */
export function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}
