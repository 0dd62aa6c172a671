import type { Step } from "./bucket.ts";

const dayMs = 86_400_000;

/** How long the merged buckets of each width are kept, in milliseconds. */
export type KeepMs = Readonly<Record<Step, number>>;

/** As design §3.5 has it: 2 days, 30 days, 13 months, 5 years. */
export const keepMsDefault: KeepMs = {
  10: 2 * dayMs,
  60: 30 * dayMs,
  3600: 395 * dayMs,
  86400: 1_830 * dayMs,
};

/** The finest width whose buckets still reach back to the time. */
export function finestKept(fromMs: number, nowMs: number, keep: KeepMs): Step {
  const ageMs = nowMs - fromMs;
  if (ageMs <= keep[10]) return 10;
  if (ageMs <= keep[60]) return 60;
  return ageMs <= keep[3600] ? 3_600 : 86_400;
}
