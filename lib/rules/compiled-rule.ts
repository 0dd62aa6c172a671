import type { RuleDefinition } from "#lib/core/rule.ts";

import { compileExpression, type Expression, type ExpressionProblem } from "./expression.ts";

/** A rule that can be evaluated. */
export interface CompiledRule {
  readonly key: string;
  readonly definition: RuleDefinition;
  readonly when: Expression;
  readonly recoverWhen: Expression | null;
  /** The shortest window its condition reads, in seconds; null when it reads none. */
  readonly shortestSeconds: number | null;
}

/** A problem, and the field it stands in. */
export interface RuleProblem extends ExpressionProblem {
  readonly field: "when" | "recoverWhen";
}

/** Reads the expressions of a rule, or says which of them is wrong and where. */
export function compileRule(key: string, definition: RuleDefinition): CompiledRule | RuleProblem {
  const when = compileExpression(definition.when, definition.per);
  if ("message" in when) return { ...when, field: "when" };
  const recoverWhen =
    definition.recoverWhen === null
      ? null
      : compileExpression(definition.recoverWhen, definition.per);
  if (recoverWhen !== null && "message" in recoverWhen) {
    return { ...recoverWhen, field: "recoverWhen" };
  }
  const windows = when.metrics.map((use) => use.windowSeconds).filter((one) => one !== null);
  const shortestSeconds = windows.length === 0 ? null : Math.min(...windows);
  return { key, definition, when, recoverWhen, shortestSeconds };
}

/** A window that rules read, and whether they need its latencies. */
export interface WindowNeed {
  readonly seconds: number;
  readonly latency: boolean;
}

/** The windows that the rules read, some of them more than once. */
export function windowsOf(rules: readonly CompiledRule[]): WindowNeed[] {
  return rules.flatMap(({ when, recoverWhen }) =>
    [...when.metrics, ...(recoverWhen?.metrics ?? [])].flatMap(({ windowSeconds, latency }) =>
      windowSeconds === null ? [] : [{ seconds: windowSeconds, latency }],
    ),
  );
}
