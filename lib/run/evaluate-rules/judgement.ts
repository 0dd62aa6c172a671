import type { Verdict } from "#lib/alerts/transition.ts";
import type { AlertEvidence, AlertValue } from "#lib/contract/alert-event.ts";
import type { NoDataPolicy } from "#lib/core/alert.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { Severity } from "#lib/core/severity.ts";

/** What any kind of rule is to an alert: how it moves, and what is said of it. */
export interface AlertSource {
  readonly ruleKey: string;
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly runbookUrl: string | null;
  readonly timing: {
    readonly forSeconds: number;
    readonly keepFiringForSeconds: number;
    readonly onNoData: NoDataPolicy;
    readonly hasRecovery: boolean;
  };
}

/** What one rule says of one group; what costs work is worked out only for alerts that move. */
export interface Judgement {
  readonly source: AlertSource;
  /** What tells its alerts apart: proxy, upstream, certificate, token, objective; nothing where there is one only. */
  readonly group: Labels;
  readonly verdict: Verdict;
  readonly values: () => AlertValue[];
  /** The longest stretch that it looked at, in seconds: evidence begins that long before the alert. */
  readonly lookedAtSeconds: number;
  /** Evidence of its own, beside the pages of the group. */
  readonly evidence?: (from: string, to: string) => AlertEvidence[];
}

/** One text for what an alert is about, the same for its judgement and for what is stored of it. */
export function identityOf(ruleKey: string, group: Labels): string {
  return [
    ruleKey,
    group["proxy"],
    group["upstream"],
    group["certificate"],
    group["token"],
    group["evaluates"],
  ].join("\n");
}

/** The labels of the alerts of a judgement: they are its identity for everybody who is told of it. */
export function labelsOf({ source, group }: Judgement): Labels {
  return {
    ...source.labels,
    alertname: source.name,
    rule: source.ruleKey,
    severity: source.severity,
    ...group,
  };
}
