import type { ASTNode } from "@marcbachmann/cel-js";

import { childrenOf } from "./children.ts";

interface NameUse {
  readonly name: string;
  readonly range: { readonly start: number; readonly end: number };
}

/** Every name that an expression reads, in order. */
export function namesIn(node: ASTNode): NameUse[] {
  if (node.op === "id") return [{ name: node.args, range: node.range }];
  return childrenOf(node).flatMap(namesIn);
}
