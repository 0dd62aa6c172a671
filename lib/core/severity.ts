/** What an alert asks of people: wake somebody, do it in working hours, or just know. */
export const severities = ["page", "ticket", "info"] as const;
export type Severity = (typeof severities)[number];
