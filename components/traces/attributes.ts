import type { TraceSpan } from "#lib/contract/trace.ts";

/** One attribute as a line of text. */
export interface AttributeLine {
  readonly key: string;
  readonly value: string;
}

/** What explains a failure or names the request comes first; the rest by name. */
const first = [
  "error.",
  "exception.",
  "http.response.status_code",
  "http.status_code",
  "http.request.method",
  "url.",
  "http.",
  "server.",
  "proxy.",
];

/** Attributes in the order a reader wants them. */
export function attributeLines(attributes: TraceSpan["attributes"]): AttributeLine[] {
  return Object.entries(attributes)
    .map(([key, value]) => ({
      key,
      value: typeof value === "string" ? value : JSON.stringify(value),
    }))
    .toSorted((a, b) => rankOf(a.key) - rankOf(b.key) || (a.key < b.key ? -1 : 1));
}

function rankOf(key: string): number {
  const rank = first.findIndex((prefix) => key.startsWith(prefix));
  return rank < 0 ? first.length : rank;
}
