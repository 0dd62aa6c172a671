import type { StoredAlert } from "#lib/store/alerts.ts";

import type { AlertSource, Judgement } from "./judgement.ts";

/** An alert that nobody could judge for this long is told of. */
const unknownMsMax = 300_000;

const source: AlertSource = {
  ruleKey: "cannot-evaluate",
  name: "Rule cannot be evaluated",
  description:
    "A rule cannot be read, or one of its alerts is open and nothing was measured of it for five minutes: it stays as it is, and nobody knows whether it still holds.",
  severity: "ticket",
  labels: {},
  runbookUrl: null,
  timing: { forSeconds: 0, keepFiringForSeconds: 0, onNoData: "keep", hasRecovery: false },
};

/** One judgement for every rule that cannot say what it should: so that silence is never taken for health. */
export function judgeProblems(
  problems: ReadonlyMap<string, string>,
  alerts: readonly StoredAlert[],
  nowMs: number,
): Judgement[] {
  const troubled = new Set([...problems.keys(), ...unjudged(alerts, nowMs)]);
  const open = alerts.filter(({ ruleKey }) => ruleKey === source.ruleKey);
  const evaluated = new Set([...troubled, ...open.map(({ labels }) => labels["evaluates"] ?? "")]);
  return [...evaluated].map((ruleKey) => ({
    source,
    group: { evaluates: ruleKey },
    verdict: { outcome: troubled.has(ruleKey) ? "true" : "false", recovered: null },
    values: () => [],
    lookedAtSeconds: 300,
    evidence: (from, to) => [
      {
        kind: "rule",
        title: problems.get(ruleKey) ?? `Rule ${ruleKey}`,
        path: `/alerts/rules/${ruleKey}`,
        from,
        to,
      },
    ],
  }));
}

function unjudged(alerts: readonly StoredAlert[], nowMs: number): string[] {
  return alerts
    .filter(({ memory }) => memory.state !== "resolved" && memory.unknownAtMs !== null)
    .filter(({ memory }) => nowMs - (memory.unknownAtMs ?? nowMs) >= unknownMsMax)
    .map(({ ruleKey }) => ruleKey);
}
