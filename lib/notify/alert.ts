export type AlertStatus = "firing" | "resolved";

export type Labels = Readonly<Record<string, string>>;

/** Where to look, with the time it covers; the path is below the address people reach Viascope at. */
export interface Evidence {
  readonly kind: string;
  readonly title: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/** One of the exchanges that made an alert fire. */
export interface OffendingExchange {
  readonly time: string;
  readonly proxy: string;
  readonly upstream: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly errorType: string | null;
  readonly latencyMs: number | null;
  /** Below the address people reach Viascope at. */
  readonly viewPath: string;
}

/** A number that the rule looked at; null where it could not be measured. */
export interface AlertValue {
  readonly name: string;
  readonly value: number | null;
  /** In words, such as `3.2 %`. */
  readonly text: string;
}

/** An alert as it stands now, the way the alerting side tells it. */
export interface Alert {
  /** 16 hex digits; the same for the same labels. */
  readonly fingerprint: string;
  readonly status: AlertStatus;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: string;
  /** null while it fires. */
  readonly endsAt: string | null;
  readonly values: readonly AlertValue[];
  readonly evidence: readonly Evidence[];
  readonly exchanges: readonly OffendingExchange[];
  /** Path of the rule's page. */
  readonly generatorPath: string;
}
