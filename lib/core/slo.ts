/** One million is everything: objectives are whole parts of it, so that 99.9 % is 999000 exactly. */
export const million = 1_000_000;

/** Events of a stretch of time, or slices of it. Both are whole numbers. */
export interface Events {
  readonly total: number;
  readonly bad: number;
}

/** What a number of events makes of an objective. `null` means nothing was measured. */
export interface Budget {
  readonly errorRate: number | null;
  /** Error rate as a multiple of what the objective allows: 1 spends the budget exactly. */
  readonly burn: number | null;
  /** Share of the budget that is left; below 0 when more than all of it is spent. */
  readonly remaining: number | null;
  readonly allowedBad: number;
  readonly remainingEvents: number;
}

/** The budget of an objective over events that all count. Signed, never clamped. */
export function budgetOf(objectivePpm: number, { total, bad }: Events): Budget {
  const allowedBad = allowedOf(objectivePpm, total);
  return {
    errorRate: total === 0 ? null : bad / total,
    burn: burnOf(objectivePpm, { total, bad }),
    remaining: total === 0 ? null : (allowedBad - bad) / allowedBad,
    allowedBad,
    remainingEvents: allowedBad - bad,
  };
}

/** How many of so many events may be bad. */
export function allowedOf(objectivePpm: number, total: number): number {
  return ((million - objectivePpm) * total) / million;
}

/** The burn rate of events; null where there are none. */
export function burnOf(objectivePpm: number, { total, bad }: Events): number | null {
  return total === 0 ? null : (bad * million) / (total * (million - objectivePpm));
}

/** The burn rate when everything fails: no threshold above it can ever be passed. */
export function burnMax(objectivePpm: number): number {
  return million / (million - objectivePpm);
}

/** A total for a whole period, from what came in its elapsed part, at the same pace. */
export function projectedTotal(total: number, elapsedMs: number, periodMs: number): number {
  return elapsedMs <= 0 ? total : Math.round((total * periodMs) / elapsedMs);
}

/**
 * In how many milliseconds the budget is used up at this pace: what remains of it, times the window, over the burn rate.
 * Infinity when nothing burns, 0 when it is used up already.
 */
export function exhaustedInMs(remaining: number, burn: number, windowMs: number): number {
  if (remaining <= 0) return 0;
  return burn <= 0 ? Infinity : (remaining * windowMs) / burn;
}

/** How an objective stands. */
export const budgetStates = ["healthy", "at_risk", "exhausted"] as const;
export type BudgetState = (typeof budgetStates)[number];

/** The state for a remaining share: entered at 20 % and 0 %, left at 25 % and 2 %, so that it does not flicker. */
export function budgetStateOf(previous: BudgetState, remaining: number): BudgetState {
  if (remaining <= 0 || (previous === "exhausted" && remaining < 0.02)) return "exhausted";
  const riskBelow = previous === "healthy" ? 0.2 : 0.25;
  const atRisk = previous === "healthy" ? remaining <= riskBelow : remaining < riskBelow;
  return atRisk ? "at_risk" : "healthy";
}

/** Share of expected slices that were observed; null where none was expected. */
export function coverageOf(observed: number, expected: number): number | null {
  return expected === 0 ? null : observed / expected;
}

/** Below this coverage an objective has no data, and its alerts stay as they are. */
const coverageMinPpm = 900_000;

/** Whether enough slices were observed to judge. Compared in whole numbers. */
export function isCovered(observed: number, expected: number, minPpm = coverageMinPpm): boolean {
  return observed * million >= expected * minPpm;
}

/** A slice is bad when fewer of its events are good than its own target asks; one without events is good. */
export function isBadSlice(sliceTargetPpm: number, { total, bad }: Events): boolean {
  return (total - bad) * million < total * sliceTargetPpm;
}

/** Slices as events: the denominator is every slice of the period, also those that are still to come. */
export function sliceEvents(
  sliceTargetPpm: number,
  slices: Iterable<Events>,
  slicesInPeriod: number,
): Events {
  let bad = 0;
  for (const slice of slices) if (isBadSlice(sliceTargetPpm, slice)) bad += 1;
  return { total: slicesInPeriod, bad };
}

/** Events added up. Counts are summed; ratios are never averaged. */
export function sumOfEvents(parts: Iterable<Events>): Events {
  let total = 0;
  let bad = 0;
  for (const part of parts) {
    total += part.total;
    bad += part.bad;
  }
  return { total, bad };
}
