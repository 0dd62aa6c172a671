import { endAlert } from "#lib/alerts/end-alert.ts";
import { transition, type Change, type Transition } from "#lib/alerts/transition.ts";
import type { AlertEvidence } from "#lib/contract/alert-event.ts";
import type { AlertMemory } from "#lib/core/alert.ts";
import { fingerprintOf, type Labels } from "#lib/core/fingerprint.ts";
import type { AlertRound, StoredAlert, StoredTransition } from "#lib/store/alerts.ts";

import { annotationsOf, eventOf, pagesOf, timeText } from "./alert-event.ts";
import { identityOf, labelsOf, type Judgement } from "./judgement.ts";

/** An alert that this round moves or keeps, before it is numbered. */
interface Moved {
  /** Without its number where the alert was inactive before. */
  readonly alert: StoredAlert;
  readonly numbered: boolean;
  readonly memory: AlertMemory | null;
  readonly change: Change | null;
  readonly evidence: (nowMs: number) => AlertEvidence[];
}

/** Decides what becomes of every alert, from what was stored of it and what the rules say now. */
export class Round {
  /** Rules times groups that were judged. */
  instances = 0;
  readonly #nowMs: number;
  readonly #stored: ReadonlyMap<string, StoredAlert>;
  readonly #judged = new Set<string>();
  readonly #moved: Moved[] = [];

  constructor(stored: readonly StoredAlert[], nowMs: number) {
    this.#nowMs = nowMs;
    this.#stored = new Map(stored.map((alert) => [identityOf(alert.ruleKey, alert.labels), alert]));
  }

  judge(judgement: Judgement): void {
    this.instances += 1;
    const { source, group, verdict } = judgement;
    const identity = identityOf(source.ruleKey, group);
    const known = this.#stored.get(identity);
    if (known === undefined) {
      const next = transition(null, verdict, this.#nowMs, source.timing);
      if (next.memory !== null) this.#begin(judgement, next);
      return;
    }
    this.#judged.add(identity);
    this.#continue(known, judgement);
  }

  /** Ends the alerts that no rule judged; `reasonOf` gives null for one that is left as it is. */
  endOthers(reasonOf: (alert: StoredAlert) => string | null): void {
    for (const [identity, alert] of this.#stored) {
      if (this.#judged.has(identity)) continue;
      if (alert.memory.state === "resolved") this.#fade(alert);
      else this.#end(alert, reasonOf(alert));
    }
  }

  /** The keys of alerts whose last transition is not known yet. */
  unnumbered(): string[] {
    return this.#moved.filter(({ numbered }) => !numbered).map(({ alert }) => alert.groupKey);
  }

  /** How the alerts that will be told of stand, for evidence that has to be looked up. */
  firing(): { readonly groupKey: string; readonly labels: Labels; readonly activeAtMs: number }[] {
    return this.#moved
      .filter(({ change }) => change?.notify === "firing")
      .map(({ alert, memory }) => ({
        groupKey: alert.groupKey,
        labels: alert.labels,
        activeAtMs: memory?.activeAtMs ?? this.#nowMs,
      }));
  }

  /** Everything to be written, numbered after the last transitions given. */
  written(
    lastSeq: ReadonlyMap<string, number>,
    found: ReadonlyMap<string, readonly AlertEvidence[]>,
  ): AlertRound {
    const kept: AlertRound["kept"][number][] = [];
    const forgotten: string[] = [];
    const transitions: StoredTransition[] = [];
    for (const moved of this.#moved) {
      const { memory, change } = moved;
      const before = moved.numbered
        ? moved.alert.transitionSeq
        : (lastSeq.get(moved.alert.groupKey) ?? 0);
      const alert = { ...moved.alert, transitionSeq: before + (change === null ? 0 : 1) };
      if (change !== null) transitions.push(this.#transitionOf(alert, moved, change, found));
      if (memory === null) forgotten.push(alert.groupKey);
      else kept.push({ ...alert, memory, begins: begins(change) });
    }
    return { kept, forgotten, transitions };
  }

  #begin(judgement: Judgement, next: Transition): void {
    const labels = labelsOf(judgement);
    const fingerprint = fingerprintOf(labels);
    const ruleKey = judgement.source.ruleKey;
    const values = judgement.values();
    if (next.memory === null) return;
    const alert: StoredAlert = {
      groupKey: `${ruleKey}/${fingerprint}`,
      ruleKey,
      fingerprint,
      labels,
      annotations: annotationsOf(judgement.source, labels, values),
      values,
      memory: next.memory,
      transitionSeq: 0,
    };
    this.#push(alert, false, next, judgement);
  }

  #continue(known: StoredAlert, judgement: Judgement): void {
    const { source, verdict } = judgement;
    const labels = labelsOf(judgement);
    if (fingerprintOf(labels) !== known.fingerprint) {
      this.#end(known, "The rule was changed: its labels are others now.");
      const next = transition(null, verdict, this.#nowMs, source.timing);
      if (next.memory !== null) this.#begin(judgement, next);
      return;
    }
    const next = transition(known.memory, verdict, this.#nowMs, source.timing);
    // What was last measured says more than that nothing is measured any more.
    const values = verdict.outcome === "unknown" ? known.values : judgement.values();
    const annotations =
      next.memory?.state === "firing" && verdict.outcome === "true"
        ? annotationsOf(source, labels, judgement.values())
        : known.annotations;
    this.#push({ ...known, labels, annotations, values }, true, next, judgement);
  }

  #push(alert: StoredAlert, numbered: boolean, next: Transition, judgement: Judgement): void {
    const { lookedAtSeconds, evidence } = judgement;
    const { memory, change } = next;
    const activeAtMs = memory?.activeAtMs ?? alert.memory.activeAtMs;
    this.#moved.push({
      alert: { ...alert, memory: memory ?? alert.memory },
      numbered,
      memory,
      change,
      evidence: (nowMs) => [
        ...(evidence?.(timeText(activeAtMs - lookedAtSeconds * 1000), timeText(nowMs)) ?? []),
        ...pagesOf(alert.labels, lookedAtSeconds, activeAtMs, nowMs),
      ],
    });
  }

  #end(alert: StoredAlert, reason: string | null): void {
    if (reason === null) return;
    const { memory, change } = endAlert(alert.memory, this.#nowMs, reason);
    this.#moved.push({
      alert: { ...alert, memory: memory ?? alert.memory },
      numbered: true,
      memory,
      change,
      evidence: (nowMs) => pagesOf(alert.labels, 3_600, alert.memory.activeAtMs, nowMs),
    });
  }

  #fade(alert: StoredAlert): void {
    const verdict = { outcome: "unknown", recovered: null } as const;
    const timing = {
      forSeconds: 0,
      keepFiringForSeconds: 0,
      onNoData: "keep",
      hasRecovery: false,
    } as const;
    const { memory } = transition(alert.memory, verdict, this.#nowMs, timing);
    if (memory !== null) return;
    this.#moved.push({ alert, numbered: true, memory, change: null, evidence: () => [] });
  }

  #transitionOf(
    alert: StoredAlert,
    moved: Moved,
    change: Change,
    found: ReadonlyMap<string, readonly AlertEvidence[]>,
  ): StoredTransition {
    const { notify, reason } = change;
    const nowMs = this.#nowMs;
    const evidence = moved.evidence(nowMs);
    const exchanges = found.get(alert.groupKey) ?? [];
    const all = [...evidence, ...exchanges];
    return {
      groupKey: alert.groupKey,
      transitionSeq: alert.transitionSeq,
      ruleKey: alert.ruleKey,
      incidentAtMs: alert.memory.activeAtMs,
      atMs: nowMs,
      before: change.from,
      state: change.to,
      outcome: alert.memory.outcome,
      reason,
      labels: alert.labels,
      values: alert.values,
      told:
        notify === null
          ? null
          : {
              event: eventOf(alert, { status: notify, reason, nowMs }, all),
              incident: { annotations: alert.annotations, evidence, exchanges },
            },
    };
  }
}

/** Whether an incident begins with this change: what was said of the one before is not of this one. */
function begins(change: Change | null): boolean {
  return change !== null && (change.from === "inactive" || change.from === "resolved");
}
