import type { NoDataPolicy } from "./alert.ts";
import type { Labels } from "./fingerprint.ts";
import type { Severity } from "./severity.ts";

/**
 * What a rule looks at one by one: each proxy, each upstream of each proxy, each certificate that is checked, each token
 * that will expire; or Viascope itself.
 */
export const ruleSubjects = ["proxy", "upstream", "certificate", "token", "viascope"] as const;
export type RuleSubject = (typeof ruleSubjects)[number];

/** Where a rule comes from. */
export const ruleOrigins = ["ready-made", "own", "file", "slo"] as const;
export type RuleOrigin = (typeof ruleOrigins)[number];

/** How a label may be called, as Prometheus has it. */
export const labelName = /^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/;

/** Labels that every alert gets from its rule and group, and that a rule cannot set. */
export const reservedLabels = [
  "alertname",
  "rule",
  "severity",
  "proxy",
  "upstream",
  "certificate",
  "token",
  "slo",
  "evaluates",
] as const;

/** A rule as somebody wrote it. */
export interface RuleDefinition {
  readonly name: string;
  /** What it means when it fires, and what to look at first. */
  readonly description: string;
  readonly per: RuleSubject;
  /** Only these, `*` standing for any characters; null is all. */
  readonly proxy: string | null;
  readonly upstream: string | null;
  /** The condition in the language of expressions. */
  readonly when: string;
  /** Fires on until this holds, where recovery asks for more than that the condition no longer holds. */
  readonly recoverWhen: string | null;
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
  readonly onNoData: NoDataPolicy;
  /** Requests that the shortest window of the condition must hold for it to say anything. */
  readonly minRequests: number;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly runbookUrl: string | null;
}
