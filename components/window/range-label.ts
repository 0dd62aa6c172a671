import type { WindowText } from "#lib/core/window.ts";

/** The ranges offered without typing, as the parameters of the address. */
export const quickRanges = [
  "now-15m",
  "now-1h",
  "now-3h",
  "now-6h",
  "now-24h",
  "now-2d",
  "now-7d",
  "now-30d",
] as const;

const relative = /^now-(?<amount>\d+)(?<unit>[smhd])$/;
const seconds = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3_600],
  ["d", 86_400],
]);

/** How many seconds a window that ends now goes back; null for any other. */
export function pastSeconds(text: WindowText): number | null {
  const parts = relative.exec(text.from)?.groups;
  if (text.to !== "now" || parts === undefined) return null;
  return Number(parts["amount"]) * (seconds.get(parts["unit"] ?? "") ?? 0);
}

/** A point in time as an input of type `datetime-local` writes it, on the reader's clock. */
export function localInput(timeMs: number, offsetMs: number): string {
  return new Date(timeMs + offsetMs).toISOString().slice(0, 19);
}
