import type { Outcome } from "./alert.ts";
import type { Severity } from "./severity.ts";
import { burnMax, burnOf, million, type Events } from "./slo.ts";

/** One row of the multi-window burn-rate table (SRE workbook, table 5-8): which share of the budget in which time alerts. */
export interface BurnRow {
  readonly severity: Severity;
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly budgetPercent: number;
}

export const burnRows: readonly BurnRow[] = [
  { severity: "page", longSeconds: 3_600, shortSeconds: 300, budgetPercent: 2 },
  { severity: "page", longSeconds: 21_600, shortSeconds: 1_800, budgetPercent: 5 },
  { severity: "ticket", longSeconds: 86_400, shortSeconds: 7_200, budgetPercent: 10 },
  { severity: "ticket", longSeconds: 259_200, shortSeconds: 21_600, budgetPercent: 10 },
];

/** The burn rate above which a row alerts, for a window of any length. */
export function burnFactor(row: BurnRow, windowSeconds: number): number {
  return (row.budgetPercent * windowSeconds) / (100 * row.longSeconds);
}

/** Below this factor a row would alert on a pace that keeps the objective; 28 days give 0.93 for the slowest. */
const factorMin = 0.9;

/** The rows that mean something for an objective: not below a pace that keeps it, nor above what total failure burns. */
export function burnRowsFor(objectivePpm: number, windowSeconds: number): BurnRow[] {
  return burnRows.filter((row) => {
    const factor = burnFactor(row, windowSeconds);
    return factor >= factorMin && factor < burnMax(objectivePpm);
  });
}

/** What a row is judged by. */
export interface BurnReading {
  readonly objectivePpm: number;
  readonly windowSeconds: number;
  readonly long: Events;
  readonly short: Events;
  /** Whether enough of the long window was observed, and telemetry is as old as it. */
  readonly covered: boolean;
  /** Fewer bad events or fewer events than these over the long window prove nothing. */
  readonly minBad?: number;
  readonly minTotal?: number;
}

/** Whether the row alerts: both windows burn strictly faster than its factor, and there is traffic enough to say so. */
export function burnOutcome(row: BurnRow, reading: BurnReading): Outcome {
  const { objectivePpm, windowSeconds, long, short, minBad = 5, minTotal = 20 } = reading;
  if (!reading.covered || burnOf(objectivePpm, long) === null) return "unknown";
  if (long.total < minTotal) return "insufficient_traffic";
  const burns =
    burnsFaster(row, objectivePpm, windowSeconds, long) &&
    burnsFaster(row, objectivePpm, windowSeconds, short);
  if (!burns) return "false";
  return long.bad < minBad ? "insufficient_traffic" : "true";
}

/** Compared in whole numbers: a rate that is exactly the factor does not pass it. */
function burnsFaster(
  row: BurnRow,
  objectivePpm: number,
  windowSeconds: number,
  { total, bad }: Events,
): boolean {
  const spent = BigInt(bad) * BigInt(million) * 100n * BigInt(row.longSeconds);
  const allowed =
    BigInt(total) *
    BigInt(million - objectivePpm) *
    BigInt(row.budgetPercent) *
    BigInt(windowSeconds);
  return spent > allowed;
}
