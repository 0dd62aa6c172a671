import { compileRule, type CompiledRule } from "#lib/rules/compiled-rule.ts";

import type { RuleInForce } from "../rules-in-force.ts";

/** Rules that can be evaluated, and why the others cannot, by key. */
export interface CompiledRules {
  readonly compiled: readonly CompiledRule[];
  readonly problems: ReadonlyMap<string, string>;
}

interface Known {
  readonly text: string;
  readonly rule: CompiledRule | string;
}

/** Compiles rules, and remembers those that did not change since the last time. */
export class RuleCompiler {
  #known: ReadonlyMap<string, Known> = new Map();

  compile(rules: readonly RuleInForce[]): CompiledRules {
    const next = new Map<string, Known>();
    const compiled: CompiledRule[] = [];
    const problems = new Map<string, string>();
    for (const { key, definition } of rules.filter(({ enabled }) => enabled)) {
      const text = JSON.stringify(definition);
      const known = this.#known.get(key);
      const rule = known?.text === text ? known.rule : compiledOr(key, definition);
      next.set(key, { text, rule });
      if (typeof rule === "string") problems.set(key, rule);
      else compiled.push(rule);
    }
    this.#known = next;
    return { compiled, problems };
  }
}

function compiledOr(key: string, definition: RuleInForce["definition"]): CompiledRule | string {
  if (definition === null) return "What is stored of this rule cannot be read.";
  const rule = compileRule(key, definition);
  return "message" in rule ? `\`${rule.field}\`, column ${rule.from + 1}: ${rule.message}` : rule;
}
