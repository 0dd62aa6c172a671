/** A JSON object whose members nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that a line holds; null when it holds none. */
export function jsonObject(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return asObject(value);
  } catch {
    return null;
  }
}

export function asObject(value: unknown): JsonObject | null {
  return isObject(value) ? value : null;
}

/** A string that says something: not empty and no `-`. */
export function textIn(object: JsonObject, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === "string" && value !== "" && value !== "-") return value;
  }
  return null;
}

/** A number, or a string that is one. */
export function numberIn(object: JsonObject, ...keys: string[]): number | null {
  for (const key of keys) {
    const value = object[key];
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number)) return number;
  }
  return null;
}

/** A count of something: whole and not negative. */
export function countIn(object: JsonObject, ...keys: string[]): number | null {
  const number = numberIn(object, ...keys);
  return number === null || number < 0 ? null : Math.round(number);
}

/** A status; 0 and below stand for nothing sent. */
export function statusIn(object: JsonObject, ...keys: string[]): number | null {
  const status = countIn(object, ...keys);
  return status === 0 ? null : status;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
