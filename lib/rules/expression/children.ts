import type { ASTNode } from "@marcbachmann/cel-js";

/** The parts of a node, in the order in which they are written. */
export function childrenOf(node: ASTNode): ASTNode[] {
  const { args } = node;
  if (isNode(args)) return [args];
  return Array.isArray(args) ? args.flatMap((part: unknown) => nodesIn(part)) : [];
}

function nodesIn(part: unknown): ASTNode[] {
  if (isNode(part)) return [part];
  return Array.isArray(part) ? part.flatMap((inner: unknown) => nodesIn(inner)) : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "range" in value;
}
