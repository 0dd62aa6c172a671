import type { Rule, RulesAnswer } from "#lib/contract/rules.ts";
import type { Database } from "#lib/db/open.ts";
import { loadAlerts, type StoredAlert } from "#lib/store/alerts.ts";
import { loadEvaluation, type StoredEvaluation } from "#lib/store/evaluations.ts";
import { loadRuleFiles } from "#lib/store/rule-files.ts";

import { rulesInForce, type RuleInForce } from "./rules-in-force.ts";

/** Every rule with how its alerts stand, the last evaluation, and the files that rules come from. */
export async function readRules(db: Database, project: number): Promise<RulesAnswer> {
  const [rules, alerts, evaluation, files] = await Promise.all([
    rulesInForce(db, project),
    loadAlerts(db, project),
    loadEvaluation(db, project),
    loadRuleFiles(db, project),
  ]);
  return {
    items: rules.flatMap((rule) => itemOf(rule, alerts, evaluation)),
    evaluation:
      evaluation === null
        ? null
        : {
            at: timeText(evaluation.atMs),
            tookMs: evaluation.tookMs,
            instances: evaluation.instances,
          },
    files: files.map(({ path, problem, line, readAtMs }) => ({
      path,
      problem,
      line,
      readAt: timeText(readAtMs),
    })),
  };
}

/** One rule; null when there is none of this key. */
export async function readRule(db: Database, project: number, key: string): Promise<Rule | null> {
  const { items } = await readRules(db, project);
  return items.find((rule) => rule.key === key) ?? null;
}

function itemOf(
  { definition, ...rule }: RuleInForce,
  alerts: readonly StoredAlert[],
  evaluation: StoredEvaluation | null,
): Rule[] {
  // What cannot be read has no fields to show; the evaluation tells of it.
  if (definition === null) return [];
  const own = alerts.filter(({ ruleKey }) => ruleKey === rule.key);
  const inState = (...states: string[]): number =>
    own.filter(({ memory }) => states.includes(memory.state)).length;
  return [
    {
      ...definition,
      ...rule,
      labels: { ...definition.labels },
      firing: inState("firing", "recovering"),
      pending: inState("pending"),
      problem: evaluation?.problems[rule.key] ?? null,
    },
  ];
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
