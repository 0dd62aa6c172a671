import { hexUnescaped } from "../escape.ts";
import type { Scan } from "./combined.ts";
import { slotOf, type Values } from "./variables.ts";

/**
 * A scanner of one stream's JSON lines; `keys` are the format's own, beside the names that keys commonly have.
 * It remembers the keys, as most lines of a stream have the same in the same order.
 */
export function jsonScanner(
  keys: ReadonlyMap<string, number>,
): (line: string, values: Values) => Scan {
  const layout: Layout = { keys: [], slots: [] };
  return (line, values) => {
    const record = parsed(line) ?? parsed(repaired(line));
    if (record === null) return noObject;
    fill(record, keys, layout, values);
    return allRead;
  };
}

const noObject: Scan = { refusal: "The line begins with { but is no JSON object." };
const allRead: Scan = { unread: null, isEscaped: false };

/** The keys of the line before, and the slots they fill. */
interface Layout {
  readonly keys: string[];
  readonly slots: (number | null)[];
}

type JsonObject = Readonly<Record<string, unknown>>;

function parsed(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Mends what nginx writes when the format is not `escape=json` or leaves numbers unquoted:
 * `"rt":,`, `"rt":-`, `"a":0.1, 0.2`, and `\xHH` inside strings.
 */
function repaired(line: string): string {
  return line
    .replaceAll(/":\s*(?=[,}])/g, '":null')
    .replaceAll(/":\s*(-|[\d.-]+(?:(?:, | : )[\d.-]+)+)\s*(?=[,}])/g, '":"$1"')
    .replaceAll(/(?:\\x[0-9A-Fa-f]{2})+/g, (run) => JSON.stringify(hexUnescaped(run)).slice(1, -1));
}

function fill(
  record: JsonObject,
  keys: ReadonlyMap<string, number>,
  layout: Layout,
  values: Values,
): void {
  let place = 0;
  // Not by Object.entries, which makes an array of every member.
  for (const key in record) {
    const value = record[key];
    if (layout.keys[place] !== key) {
      layout.keys[place] = key;
      layout.slots[place] = keySlot("", key, keys);
    }
    if (isObject(value)) fillNested(value, `${key}.`, keys, values);
    else set(values, layout.slots[place] ?? null, value);
    place += 1;
  }
}

function fillNested(
  record: JsonObject,
  path: string,
  keys: ReadonlyMap<string, number>,
  values: Values,
): void {
  for (const [key, value] of Object.entries(record)) {
    if (!isObject(value)) set(values, keySlot(path, key, keys), value);
  }
}

/** Of several keys that say the same the first counts. */
function set(values: Values, slot: number | null, value: unknown): void {
  if (slot !== null && values[slot] === undefined) values[slot] = textOf(value);
}

/** The slot of a member by its key and the path above it; null when nobody asks for it. */
export function keySlot(
  path: string,
  key: string,
  keys: ReadonlyMap<string, number>,
): number | null {
  return keys.get(path + key) ?? slotOf(path + key) ?? (path === "" ? null : slotOf(key));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}
