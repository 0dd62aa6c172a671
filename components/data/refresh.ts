import { timeOf, type WindowText } from "#lib/core/window.ts";

const refreshes = [
  { spanMsMax: 3_600_000, everyMs: 10_000 },
  { spanMsMax: 21_600_000, everyMs: 30_000 },
  { spanMsMax: Infinity, everyMs: 60_000 },
] as const;

/** How often a page that shows the window asks again, in milliseconds; null for one that ends at a fixed time. */
export function refreshMs(text: WindowText): number | null {
  if (!text.to.startsWith("now")) return null;
  const spanMs = (timeOf(text.to, 0) ?? 0) - (timeOf(text.from, 0) ?? 0);
  return refreshes.find(({ spanMsMax }) => spanMs <= spanMsMax)?.everyMs ?? 60_000;
}
