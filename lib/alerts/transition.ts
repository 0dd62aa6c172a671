import type { AlertMemory, AlertState, NoDataPolicy, Outcome } from "#lib/core/alert.ts";

/** What one evaluation found. */
export interface Verdict {
  readonly outcome: Outcome;
  /** Whether the condition of recovery holds; null where the rule has none, or it is unknown. */
  readonly recovered: boolean | null;
}

/** How a rule wants its alerts to move. */
export interface AlertTiming {
  readonly forSeconds: number;
  readonly keepFiringForSeconds: number;
  readonly onNoData: NoDataPolicy;
  /** Whether recovery has a condition of its own. */
  readonly hasRecovery: boolean;
}

/** A change of state. Only a change to firing from outside of an incident, and one to resolved, are notified. */
export interface Change {
  readonly from: AlertState;
  readonly to: AlertState;
  readonly reason: string;
  readonly notify: "firing" | "resolved" | null;
}

export interface Transition {
  readonly memory: AlertMemory | null;
  readonly change: Change | null;
}

/** How long a resolved alert is remembered. */
const resolvedKeptMs = 900_000;
/** After a longer pause between evaluations waiting times start anew: nobody knows what held meanwhile. */
export const outageToleratedMs = 3_600_000;

/**
 * The next state of one alert. `true` starts or continues an incident, `false` ends it;
 * unknown outcomes leave it where it is unless the rule says otherwise, and an error always does.
 */
export function transition(
  previous: AlertMemory | null,
  verdict: Verdict,
  nowMs: number,
  timing: AlertTiming,
): Transition {
  const step: Step = { verdict, nowMs, timing };
  const effective = effectiveOutcome(verdict.outcome, timing.onNoData);
  if (previous === null || previous.state === "resolved") return begin(previous, effective, step);
  const known = resumed(previous, nowMs);
  if (effective === null) return { memory: seen(known, step), change: null };
  return effective ? hold(known, step) : release(known, step);
}

interface Step {
  readonly verdict: Verdict;
  readonly nowMs: number;
  readonly timing: AlertTiming;
}

/** Whether the condition is taken to hold; null leaves the alert as it is. */
function effectiveOutcome(outcome: Outcome, onNoData: NoDataPolicy): boolean | null {
  if (outcome === "true") return true;
  if (outcome === "false") return false;
  if (outcome === "error") return null;
  if (onNoData === "resolve") return false;
  // Too little traffic is a reading of its own, and no reason to wake anybody.
  return onNoData === "alert" && outcome === "unknown" ? true : null;
}

function begin(previous: AlertMemory | null, effective: boolean | null, step: Step): Transition {
  if (effective !== true) return { memory: fading(previous, step), change: null };
  const { nowMs, timing, verdict } = step;
  const from = previous === null ? "inactive" : "resolved";
  const fires = timing.forSeconds <= 0;
  const memory: AlertMemory = {
    state: fires ? "firing" : "pending",
    outcome: verdict.outcome,
    activeAtMs: nowMs,
    firedAtMs: fires ? nowMs : null,
    recoveringAtMs: null,
    resolvedAtMs: null,
    unknownAtMs: unknownSince(null, step),
    evaluatedAtMs: nowMs,
  };
  return { memory, change: changeOf(from, memory.state, reasonToHold(step)) };
}

/** A resolved alert is remembered for a while, then forgotten. */
function fading(previous: AlertMemory | null, { nowMs, verdict }: Step): AlertMemory | null {
  if (previous === null || nowMs - (previous.resolvedAtMs ?? 0) >= resolvedKeptMs) return null;
  return { ...previous, outcome: verdict.outcome, evaluatedAtMs: nowMs };
}

function hold(known: AlertMemory, step: Step): Transition {
  const memory = seen(known, step);
  if (known.state === "pending") {
    if (step.nowMs - known.activeAtMs < step.timing.forSeconds * 1000)
      return { memory, change: null };
    const fired: AlertMemory = { ...memory, state: "firing", firedAtMs: step.nowMs };
    return { memory: fired, change: changeOf("pending", "firing", reasonToHold(step)) };
  }
  return toFiring(memory, "The condition holds again.");
}

function release(known: AlertMemory, step: Step): Transition {
  const memory = seen(known, step);
  if (known.state === "pending") {
    return { memory: null, change: changeOf("pending", "inactive", reasonToRelease(step)) };
  }
  if (!mayRecover(step)) return toFiring(memory, "Not recovered yet.");
  const since = known.recoveringAtMs ?? step.nowMs;
  if (step.nowMs - since >= step.timing.keepFiringForSeconds * 1000) {
    const resolved: AlertMemory = { ...memory, state: "resolved", resolvedAtMs: step.nowMs };
    return { memory: resolved, change: changeOf(known.state, "resolved", reasonToRelease(step)) };
  }
  const recovering: AlertMemory = { ...memory, state: "recovering", recoveringAtMs: since };
  if (known.state === "recovering") return { memory: recovering, change: null };
  return { memory: recovering, change: changeOf("firing", "recovering", reasonToRelease(step)) };
}

/** A rule with a condition of recovery recovers by it alone; no data ends an incident only where the rule says so. */
function mayRecover({ timing, verdict }: Step): boolean {
  return !timing.hasRecovery || verdict.outcome !== "false" || verdict.recovered === true;
}

function toFiring(memory: AlertMemory, reason: string): Transition {
  const firing: AlertMemory = { ...memory, state: "firing", recoveringAtMs: null };
  return {
    memory: firing,
    change: memory.state === "firing" ? null : changeOf(memory.state, "firing", reason),
  };
}

/** The memory with what this evaluation saw. */
function seen(known: AlertMemory, step: Step): AlertMemory {
  return {
    ...known,
    outcome: step.verdict.outcome,
    unknownAtMs: unknownSince(known.unknownAtMs, step),
    evaluatedAtMs: step.nowMs,
  };
}

function unknownSince(before: number | null, { verdict, nowMs }: Step): number | null {
  return verdict.outcome === "true" || verdict.outcome === "false" ? null : (before ?? nowMs);
}

function resumed(known: AlertMemory, nowMs: number): AlertMemory {
  if (nowMs - known.evaluatedAtMs <= outageToleratedMs) return known;
  return {
    ...known,
    activeAtMs: known.state === "pending" ? nowMs : known.activeAtMs,
    recoveringAtMs: known.recoveringAtMs === null ? null : nowMs,
  };
}

function changeOf(from: AlertState, to: AlertState, reason: string): Change {
  const begins = to === "firing" && from !== "recovering";
  return { from, to, reason, notify: begins ? "firing" : to === "resolved" ? "resolved" : null };
}

function reasonToHold({ verdict, timing }: Step): string {
  if (verdict.outcome !== "true") return "Nothing was measured, and the rule alerts on that.";
  return timing.forSeconds > 0
    ? `The condition held for ${timing.forSeconds} s.`
    : "The condition holds.";
}

function reasonToRelease({ verdict, timing }: Step): string {
  if (verdict.outcome !== "false") return "Nothing was measured, and the rule resolves on that.";
  return timing.hasRecovery ? "The condition of recovery holds." : "The condition no longer holds.";
}
