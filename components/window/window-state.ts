import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";

import type { Window } from "#lib/core/bucket.ts";
import { windowOf, type WindowText } from "#lib/core/window.ts";

/** What stands in the address of every page that shows a window. */
export const windowKeys = {
  from: parseAsString.withDefault("now-1h"),
  to: parseAsString.withDefault("now"),
};

/** What the address of a page of upstreams adds. */
export const filterKeys = {
  proxy: parseAsString,
  q: parseAsString.withDefault(""),
};

/** The columns that upstreams can be sorted by; `worst` is the order of attention. */
export const sortColumns = [
  "worst",
  "upstream",
  "attempts",
  "errorRate",
  "latencyMsP50",
  "latencyMsP95",
  "latencyMsP99",
  "fallbacks",
  "retries",
  "tlsFailures",
] as const;
export type SortColumn = (typeof sortColumns)[number];

export const sortKeys = {
  sort: parseAsStringLiteral(sortColumns).withDefault("worst"),
  dir: parseAsStringLiteral(["asc", "desc"] as const).withDefault("desc"),
};

/** Reads the address on the server. */
export const loadPageState = createLoader({ ...windowKeys, ...filterKeys, ...sortKeys });

/** The window that the words mean now; the last hour when they mean none. */
export function windowOrLastHour(text: WindowText, nowMs: number): Window {
  const window = windowOf(text, nowMs);
  return typeof window === "string" ? { fromMs: nowMs - 3_600_000, toMs: nowMs } : window;
}

/** The search part of a link that keeps the window, with other parameters beside it. */
export function searchOf(text: WindowText, others: Record<string, string | null> = {}): string {
  const search = new URLSearchParams();
  if (text.from !== "now-1h") search.set("from", text.from);
  if (text.to !== "now") search.set("to", text.to);
  for (const [name, value] of Object.entries(others)) if (value !== null) search.set(name, value);
  return search.size === 0 ? "" : `?${search.toString()}`;
}

/** The address of an upstream's page. */
export function upstreamAddress(text: WindowText, proxy: string, upstream: string): string {
  return `/upstreams/${encodeURIComponent(upstream)}${searchOf(text, { proxy })}`;
}
