/** What a rule said about one group at one time. */
export const outcomes = ["true", "false", "unknown", "error", "insufficient_traffic"] as const;
export type Outcome = (typeof outcomes)[number];

/** Where an alert stands. Resolved is kept for a while, so that a reader sees that it ended. */
export const alertStates = ["inactive", "pending", "firing", "recovering", "resolved"] as const;
export type AlertState = (typeof alertStates)[number];

/** What a rule does while nobody can say whether its condition holds. */
export const noDataPolicies = ["keep", "alert", "resolve"] as const;
export type NoDataPolicy = (typeof noDataPolicies)[number];
