import type { CalendarUnit } from "./calendar.ts";
import type { Labels } from "./fingerprint.ts";
import type { ModuleEndpoint } from "./module-request.ts";

/** What makes an event bad: an error, slowness, a cache that did not answer, or (freshness) a slice without any record. */
export const sloIndicators = ["availability", "latency", "hit_ratio", "freshness"] as const;
export type SloIndicator = (typeof sloIndicators)[number];

export type SloWindow =
  | { readonly kind: "rolling"; readonly days: number }
  | { readonly kind: "calendar"; readonly unit: CalendarUnit; readonly zone: string };

/** Widths of slices, in seconds: those that fit an hour, and that rollups are kept in. */
export const sliceWidths = [60, 300, 600, 1_800, 3_600] as const;

/** Events are counted one by one, or slices of time are good or bad as a whole. */
export type SloBudgeting =
  | { readonly kind: "occurrences" }
  | {
      readonly kind: "timeslices";
      readonly sliceSeconds: (typeof sliceWidths)[number];
      readonly sliceTargetPpm: number;
    };

/** An objective as somebody wrote it. */
export interface SloDefinition {
  readonly name: string;
  readonly description: string;
  readonly indicator: SloIndicator;
  /** Of the latency indicator: slower than this is bad. */
  readonly thresholdMs: number | null;
  /** Whose events, by exact names; null is all. Only exchanges are told apart by endpoint and module. */
  readonly proxy: string | null;
  readonly upstream: string | null;
  readonly endpoint: ModuleEndpoint | null;
  /** Only requests of the module of this path, and of those below it. */
  readonly module: string | null;
  readonly objectivePpm: number;
  readonly window: SloWindow;
  readonly budgeting: SloBudgeting;
  /** Less than this share of the expected slices makes the state "no data". */
  readonly coverageMinPpm: number;
  /** Burn-rate alerts need this many over their long window. */
  readonly minBad: number;
  readonly minTotal: number;
  readonly alerts: boolean;
  readonly labels: Labels;
  readonly runbookUrl: string | null;
}

/** The length of an objective's window in seconds; for calendar windows the usual one, which burn rates are reckoned with. */
export function nominalSeconds(window: SloWindow): number {
  return (window.kind === "rolling" ? window.days : usualDays[window.unit]) * 86_400;
}

const usualDays: Record<CalendarUnit, number> = {
  day: 1,
  week: 7,
  month: 30,
  quarter: 91,
  year: 365,
};
