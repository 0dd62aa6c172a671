/** What a rule said about one group at one time. */
export const outcomes = ["true", "false", "unknown", "error", "insufficient_traffic"] as const;
export type Outcome = (typeof outcomes)[number];

/** Where an alert stands. Resolved is kept for a while, so that a reader sees that it ended. */
export const alertStates = ["inactive", "pending", "firing", "recovering", "resolved"] as const;
export type AlertState = (typeof alertStates)[number];

/** Whether an incident goes on. */
export const incidentStates = ["open", "resolved"] as const;

/** What a rule does while nobody can say whether its condition holds. */
export const noDataPolicies = ["keep", "alert", "resolve"] as const;
export type NoDataPolicy = (typeof noDataPolicies)[number];

/** What is remembered of an alert between two evaluations; nothing is remembered of an inactive one. Epoch milliseconds. */
export interface AlertMemory {
  readonly state: Exclude<AlertState, "inactive">;
  readonly outcome: Outcome;
  /** Since when the condition holds, in this incident. */
  readonly activeAtMs: number;
  readonly firedAtMs: number | null;
  /** Since when it no longer holds, while it fires on. */
  readonly recoveringAtMs: number | null;
  readonly resolvedAtMs: number | null;
  /** Since when nobody can say. */
  readonly unknownAtMs: number | null;
  readonly evaluatedAtMs: number;
}
