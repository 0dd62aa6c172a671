import type { CatalogueAnswer, CheckAnswer } from "#lib/contract/rules.ts";
import type { RuleSubject } from "#lib/core/rule.ts";
import { compileExpression } from "#lib/rules/expression.ts";
import { catalogue, windowSuffixes } from "#lib/rules/metrics.ts";

/** What is wrong with an expression, by line and column of the text as it was written, and the metrics that it reads. */
export function checkExpression(text: string, per: RuleSubject): CheckAnswer {
  const result = compileExpression(text, per);
  if (!("message" in result)) {
    return { problem: null, metrics: result.metrics.map(({ name }) => name) };
  }
  const before = text.slice(0, result.from).split("\n");
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return {
    problem: { message: result.message, from: result.from, to: result.to, ...place },
    metrics: [],
  };
}

/** Everything that an expression can name. */
export function expressionCatalogue(): CatalogueAnswer {
  const metrics = catalogue().map((entry) => ({ ...entry, subjects: [...entry.subjects] }));
  return { windows: [...windowSuffixes], metrics };
}
