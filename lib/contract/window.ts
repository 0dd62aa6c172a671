import { z } from "zod";

import type { Window } from "#lib/core/bucket.ts";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const relative = /^now(?:-(?<amount>\d{1,6})(?<unit>[smhd]))?$/;

/** The longest window that a question may ask for: five years, as long as the coarsest buckets are kept. */
export const windowMsMax = 5 * 366 * unitMs.d;

/** `from` and `to` of a question: ISO 8601, epoch milliseconds, or `now-1h`; the last hour when absent. */
export const windowParams = z.object({
  from: z.string().default("now-1h"),
  to: z.string().default("now"),
});
export type WindowParams = z.infer<typeof windowParams>;

/** The point in time that a text means, in epoch milliseconds; null when it means none. */
export function timeOf(text: string, nowMs: number): number | null {
  const parts = relative.exec(text)?.groups;
  if (parts !== undefined) {
    const unit = parts["unit"] as keyof typeof unitMs | undefined;
    return unit === undefined ? nowMs : nowMs - Number(parts["amount"]) * unitMs[unit];
  }
  const timeMs = /^\d{10,16}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15 ? timeMs : null;
}

/** The window that the parameters mean, or the sentence that says what is wrong with them. */
export function windowOf(params: WindowParams, nowMs: number): Window | string {
  const fromMs = timeOf(params.from, nowMs);
  const toMs = timeOf(params.to, nowMs);
  if (fromMs === null) return sentence("from", params.from);
  if (toMs === null) return sentence("to", params.to);
  if (fromMs >= toMs) return "`from` must be earlier than `to`.";
  if (toMs - fromMs > windowMsMax) return "The window may span at most five years.";
  return { fromMs, toMs };
}

function sentence(name: string, value: string): string {
  return `\`${name}\` must be an ISO 8601 time, epoch milliseconds, or like \`now-1h\`, not "${value.slice(0, 40)}".`;
}
