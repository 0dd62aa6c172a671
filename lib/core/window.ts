import type { Window } from "./bucket.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const relative = /^now(?:-(?<amount>\d{1,6})(?<unit>[smhd]))?$/;

/** The longest window that a question may ask for: five years, as long as the coarsest buckets are kept. */
export const windowMsMax = 5 * 366 * unitMs.d;

/** A window in words, as it stands in an address: ISO 8601, epoch milliseconds, or `now-1h`. */
export interface WindowText {
  readonly from: string;
  readonly to: string;
}

/** The point in time that a text means, in epoch milliseconds; null when it means none. */
export function timeOf(text: string, nowMs: number): number | null {
  const parts = relative.exec(text)?.groups;
  if (parts !== undefined) {
    const widthMs = Object.entries(unitMs).find(([unit]) => unit === parts["unit"])?.[1] ?? 0;
    return nowMs - Number(parts["amount"] ?? 0) * widthMs;
  }
  const timeMs = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? timeMs : null;
}

/** The window that the words mean, or the sentence that says what is wrong with them. */
export function windowOf(text: WindowText, nowMs: number): Window | string {
  const fromMs = timeOf(text.from, nowMs);
  const toMs = timeOf(text.to, nowMs);
  if (fromMs === null) return sentence("from", text.from);
  if (toMs === null) return sentence("to", text.to);
  if (fromMs >= toMs) return "`from` must be earlier than `to`.";
  if (toMs - fromMs > windowMsMax) return "The window may span at most five years.";
  return { fromMs, toMs };
}

function sentence(name: string, value: string): string {
  return `\`${name}\` must be an ISO 8601 time, epoch milliseconds, or like \`now-1h\`, not "${value.slice(0, 40)}".`;
}
