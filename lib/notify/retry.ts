const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses after the 1st, 2nd, ... failed attempt: quick at first, as somebody is on call, then the schedule of Standard Webhooks. */
const pausesMs = [
  5 * second,
  30 * second,
  2 * minute,
  5 * minute,
  15 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];
const jitter = 0.2;
const retryAfterMsMax = hour;

/**
 * How long to wait after so many failed attempts; null when no further attempt is made. A receiver that asks for a
 * longer pause gets it, up to an hour. `random` is from 0 to 1 and spreads attempts by a fifth.
 */
export function pauseMsAfter(
  attempts: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const pause = pausesMs[attempts - 1];
  if (pause === undefined) return null;
  const spread = Math.round(pause * (1 + jitter * (2 * random - 1)));
  return Math.max(spread, Math.min(retryAfterMs ?? 0, retryAfterMsMax));
}

/** What `Retry-After` asks for, in milliseconds: seconds or a date; null when it is absent or unreadable. */
export function retryAfterMsOf(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * second);
  const date = /GMT\s*$/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
