/** Skew is judged over so many slots of time. */
const slotMs = 60_000;
const slotsKept = 10;
/** Fewer slots say too little. */
const slotsNeeded = 3;
/** A clock that is behind is so by the same time in every slot; what is sent later and later, or batched, is not. */
const steadyWithinMs = 1_000;
/** Of a sender that sends seldom, a batch timer that keeps step with it looks like a clock that is behind. */
const requestsPerSlotNeeded = 6;

/** Slot by slot, the least time between the end of a record and its receipt, and of how many requests. */
export interface SkewWindow {
  readonly slots: ReadonlyMap<number, Slot>;
}

interface Slot {
  readonly leastMs: number;
  readonly requests: number;
}

export const emptySkewWindow: SkewWindow = { slots: new Map() };

/** The window with one more request: `endMs` is the end of its newest record by the sender's clock. */
export function withReceipt(window: SkewWindow, endMs: number, receivedMs: number): SkewWindow {
  const slot = Math.floor(receivedMs / slotMs);
  const delayMs = receivedMs - endMs;
  const { leastMs, requests } = window.slots.get(slot) ?? { leastMs: delayMs, requests: 0 };
  const next = { leastMs: Math.min(leastMs, delayMs), requests: requests + 1 };
  const kept = [...window.slots].filter(([at]) => at > slot - slotsKept && at !== slot);
  return { slots: new Map([...kept, [slot, next]]) };
}

/**
 * How far the sender's clock is ahead of ours, in milliseconds; negative is behind, null is not known.
 * Nothing arrives before it happened: a negative delay can only be a clock that is ahead. A delay can also be batching,
 * a queue or an old file; it is taken for a clock that is behind only while it stays the same.
 */
export function skewMs(window: SkewWindow, nowMs: number): number | null {
  const oldest = Math.floor(nowMs / slotMs) - slotsKept;
  const slots = [...window.slots].filter(([at]) => at > oldest).map(([, slot]) => slot);
  if (slots.length < slotsNeeded) return null;
  const delays = slots.map(({ leastMs }) => leastMs).toSorted((a, b) => a - b);
  const median = delays[Math.floor((delays.length - 1) / 2)] ?? 0;
  if (median <= 0) return -median;
  const least = delays[0] ?? 0;
  if (least < steadyWithinMs) return 0;
  const often = slots.every(({ requests }) => requests >= requestsPerSlotNeeded);
  const steady = (delays.at(-1) ?? 0) - least <= steadyWithinMs;
  return often && steady ? -least : null;
}
