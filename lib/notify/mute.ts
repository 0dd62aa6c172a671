import type { Alert } from "./alert.ts";
import { matchesAll, type Matcher } from "./matchers.ts";
import type { InhibitRule } from "./policy.ts";

export interface Silence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/** Why an alert is not told. */
export interface Mute {
  readonly silencedBy: readonly string[];
  /** Fingerprints. */
  readonly inhibitedBy: readonly string[];
}

type Labelled = Pick<Alert, "fingerprint" | "status" | "labels">;

/** What hides an alert now; null when nothing does. A silence holds from its start until just before its end. */
export function muteOf(
  alert: Labelled,
  everyAlert: readonly Labelled[],
  silences: readonly Silence[],
  rules: readonly InhibitRule[],
  nowMs: number,
): Mute | null {
  const silencedBy = silences
    .filter((silence) => silence.startsAtMs <= nowMs && nowMs < silence.endsAtMs)
    .filter((silence) => matchesAll(silence.matchers, alert.labels))
    .map((silence) => silence.id);
  const inhibitedBy = rules.flatMap((rule) => inhibitorsOf(alert, everyAlert, rule));
  if (silencedBy.length === 0 && inhibitedBy.length === 0) return null;
  return { silencedBy, inhibitedBy: [...new Set(inhibitedBy)] };
}

function inhibitorsOf(
  alert: Labelled,
  everyAlert: readonly Labelled[],
  { source, target, equal }: InhibitRule,
): string[] {
  if (!matchesAll(target, alert.labels)) return [];
  // An alert on both sides of a rule is not hidden by others that are, so that no two hide each other.
  const onBothSides = matchesAll(source, alert.labels);
  return everyAlert
    .filter((other) => other.status === "firing" && matchesAll(source, other.labels))
    .filter((other) => !(onBothSides && matchesAll(target, other.labels)))
    .filter((other) =>
      equal.every((name) => (other.labels[name] ?? "") === (alert.labels[name] ?? "")),
    )
    .map((other) => other.fingerprint);
}
