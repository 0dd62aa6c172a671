import { hexUnescaped } from "../escape.ts";
import type { Scan } from "./combined.ts";
import { slotOf, type Values } from "./variables.ts";

/** Reads a JSON line; `keys` are the format's own, beside the names that keys commonly have. */
export function scanJson(line: string, keys: ReadonlyMap<string, number>, values: Values): Scan {
  const record = parsed(line) ?? parsed(repaired(line));
  if (record === null) return { refusal: "The line begins with { but is no JSON object." };
  fill(record, "", keys, values);
  return { unread: null, isEscaped: false };
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
  path: string,
  keys: ReadonlyMap<string, number>,
  values: Values,
): void {
  for (const [key, value] of Object.entries(record)) {
    if (isObject(value)) {
      if (path === "") fill(value, `${key}.`, keys, values);
      continue;
    }
    const slot = keySlot(path, key, keys);
    if (slot !== null && values[slot] === undefined) values[slot] = textOf(value);
  }
}

function keySlot(path: string, key: string, keys: ReadonlyMap<string, number>): number | null {
  return keys.get(path + key) ?? slotOf(path + key) ?? (path === "" ? null : slotOf(key));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}
