import { Environment, type ASTNode } from "@marcbachmann/cel-js";

import type { RuleSubject } from "#lib/core/rule.ts";

import { refusalIn } from "./expression/allowed.ts";
import { namesIn } from "./expression/names.ts";
import { metricOf, type MetricUse } from "./metrics.ts";
import { nearestMetric } from "./nearest-metric.ts";
import { translate, type Translated } from "./surface.ts";

/** What is wrong with an expression, and where in the text as it was written (offsets from 0, end exclusive). */
export interface ExpressionProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

/** What an expression is evaluated with: measured metrics, and the names of the group. Missing means unknown; never NaN. */
export type ExpressionValues = Readonly<Record<string, number | string>>;

/** An expression that was checked. */
export interface Expression {
  readonly text: string;
  readonly metrics: readonly MetricUse[];
  /** True, false, or null for unknown: what is known already decides (Kleene), else a missing metric leaves it open. */
  evaluate(values: ExpressionValues): boolean | null;
}

/** Texts longer than this are refused. */
const expressionLengthMax = 2_000;

/** The names that expressions know beside metrics. */
const groupNames = ["proxy", "upstream", "certificate", "token"] as const;

/** Reads and checks an expression, or says what is wrong with it and where. */
export function compileExpression(
  text: string,
  subject: RuleSubject,
): Expression | ExpressionProblem {
  if (text.length > expressionLengthMax) {
    return problem(`An expression has at most ${expressionLengthMax} characters.`, 0, text.length);
  }
  const translated = translate(text);
  const tree = treeOf(translated);
  if ("message" in tree) return tree;
  const refusal = refusalIn(tree.root);
  if (refusal !== null) return located(translated, refusal.message, refusal.range);
  const metrics = metricsIn(translated, tree.root, subject);
  return "message" in metrics ? metrics : checked(text, translated, metrics.uses);
}

const limits = {
  maxAstNodes: 300,
  maxDepth: 30,
  maxListElements: 100,
  maxMapEntries: 0,
  maxCallArguments: 2,
};

const untyped = new Environment({ unlistedVariablesAreDyn: true, limits });

function treeOf(translated: Translated): { readonly root: ASTNode } | ExpressionProblem {
  if (translated.cel.trim() === "") return problem("Write a condition.", 0, 0);
  try {
    return { root: untyped.parse(translated.cel).ast };
  } catch (error) {
    return celProblem(translated, error);
  }
}

function metricsIn(
  translated: Translated,
  root: ASTNode,
  subject: RuleSubject,
): { readonly uses: MetricUse[] } | ExpressionProblem {
  const uses = new Map<string, MetricUse>();
  for (const { name, range } of namesIn(root)) {
    if (groupNames.some((known) => known === name)) continue;
    const use = metricOf(name);
    if (use === null) {
      return located(translated, `There is no metric \`${name}\`${suggestion(name)}`, range);
    }
    if (!use.subjects.includes(subject)) {
      const others = use.subjects.join(" or ");
      const message = `\`${name}\` is measured per ${others}, and this rule looks at each ${subject}.`;
      return located(translated, message, range);
    }
    uses.set(name, use);
  }
  return { uses: [...uses.values()] };
}

function suggestion(name: string): string {
  const near = nearestMetric(name);
  return near === null ? "." : `. Did you mean \`${near}\`?`;
}

function checked(
  text: string,
  translated: Translated,
  metrics: MetricUse[],
): Expression | ExpressionProblem {
  const environment = new Environment({ limits });
  for (const { name } of metrics) environment.registerVariable(name, "double");
  for (const name of groupNames) environment.registerVariable(name, "string");
  const program = environment.parse(translated.cel);
  const result = program.check();
  if (!result.valid) return celProblem(translated, result.error);
  if (result.type !== "bool") {
    const message = "A condition is true or false: compare with >, >=, <, <=, == or !=.";
    return problem(message, 0, text.length);
  }
  return { text, metrics, evaluate: (values) => verdictOf(program, values) };
}

function verdictOf(
  program: (context: Record<string, number | string>) => unknown,
  values: ExpressionValues,
): boolean | null {
  try {
    return program(values) === true;
  } catch (error) {
    if (codeOf(error) === "unknown_variable") return null;
    throw error;
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function celProblem(translated: Translated, error: unknown): ExpressionProblem {
  const summary =
    error instanceof Error && "summary" in error && typeof error.summary === "string"
      ? error.summary
      : "The expression cannot be read";
  const range =
    error instanceof Error && "range" in error && isRange(error.range)
      ? error.range
      : { start: 0, end: translated.cel.length };
  return located(translated, sentenceOf(summary), range);
}

function isRange(value: unknown): value is Range {
  return typeof value === "object" && value !== null && "start" in value && "end" in value;
}

/** The engine's words in ours. */
function sentenceOf(summary: string): string {
  if (summary.includes("EOF")) return "The expression ends too early.";
  const words = summary.replaceAll("double", "number").replaceAll("bool", "true-or-false");
  return words.endsWith(".") ? words : `${words}.`;
}

function located(translated: Translated, message: string, range: Range): ExpressionProblem {
  const placeAt = (offset: number): number =>
    translated.placeOf[Math.min(offset, translated.placeOf.length - 1)] ?? 0;
  const from = placeAt(range.start);
  return problem(message, from, Math.max(placeAt(range.end), from));
}

function problem(message: string, from: number, to: number): ExpressionProblem {
  return { message, from, to };
}
