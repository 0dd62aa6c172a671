import type { ASTNode } from "@marcbachmann/cel-js";

import { childrenOf } from "./children.ts";

/** What may not stand in a rule, and where it does. */
export interface Refusal {
  readonly message: string;
  readonly range: { readonly start: number; readonly end: number };
}

/**
 * The first part of an expression that rules do not allow; null when all of it is fine.
 * What is left has a bounded cost: no regular expressions, no loops, no division that could give no number.
 */
export function refusalIn(node: ASTNode): Refusal | null {
  const message = refusalOf(node);
  if (message !== null) return { message, range: node.range };
  for (const child of childrenOf(node)) {
    const refusal = refusalIn(child);
    if (refusal !== null) return refusal;
  }
  return null;
}

const methods = ["contains", "startsWith", "endsWith"];
const plain = new Set("value id list ?: || && !_ -_ != == in + - * < <= > >=".split(" "));

function refusalOf(node: ASTNode): string | null {
  if (plain.has(node.op)) return null;
  if (node.op === "rcall") return refusalOfMethod(node.args[0]);
  if (node.op === "call") return `There is no function \`${node.args[0]}\` here.`;
  if (node.op === "/") return refusalOfDivisor(node.args[1]);
  if (node.op === "%") return "`%` stands right after a number, as in `5%`.";
  return node.op === "map" ? "A condition holds no maps." : "Names here have no parts.";
}

function refusalOfMethod(name: string): string | null {
  if (methods.includes(name)) return null;
  return `\`${name}\` is not allowed here; use contains, startsWith, endsWith or in.`;
}

function refusalOfDivisor(node: ASTNode): string | null {
  if (node.op === "value" && typeof node.args === "number" && node.args !== 0) return null;
  return "Divide only by a number that is not 0; instead of `a / b > 2` write `a > 2 * b`.";
}
