import type { Outcome } from "#lib/core/alert.ts";
import type { Group, Measurand } from "#lib/core/measured.ts";
import type { RuleDefinition, RuleSubject } from "#lib/core/rule.ts";

import type { CompiledRule } from "./compiled-rule.ts";
import type { Expression } from "./expression.ts";
import type { MetricUse } from "./metrics.ts";

/** What a rule says of a group. */
export interface RuleVerdict {
  readonly outcome: Outcome;
  /** Null where the rule has no condition of recovery, or it is unknown. */
  readonly recovered: boolean | null;
}

/** The metrics of one group at one time; each is worked out once, however many rules read it. */
export class GroupReading {
  readonly group: Group;
  readonly nowMs: number;
  readonly #values = new Map<string, number | null>();

  constructor(group: Group, nowMs: number) {
    this.group = group;
    this.nowMs = nowMs;
  }

  value(use: MetricUse): number | null {
    const known = this.#values.get(use.name);
    if (known !== undefined) return known;
    const value = use.valueOf(this.group, this.nowMs);
    this.#values.set(use.name, value);
    return value;
  }

  requests(seconds: number): number {
    return this.group.windows.get(seconds)?.sums.counts.requests ?? 0;
  }
}

/** Judges one group by one rule. Too few requests in its shortest window are an outcome of their own. */
export function evaluateRule(rule: CompiledRule, reading: GroupReading): RuleVerdict {
  const { minRequests } = rule.definition;
  if (rule.shortestSeconds !== null && reading.requests(rule.shortestSeconds) < minRequests) {
    return { outcome: "insufficient_traffic", recovered: null };
  }
  try {
    const holds = verdictOf(rule.when, reading);
    const outcome = holds === null ? "unknown" : holds ? "true" : "false";
    const asked = outcome === "false" && rule.recoverWhen !== null;
    return { outcome, recovered: asked ? verdictOf(rule.recoverWhen, reading) : null };
  } catch {
    return { outcome: "error", recovered: null };
  }
}

/** Whether a rule looks at this group. */
export function isAbout(definition: RuleDefinition, measurand: Measurand): boolean {
  const { proxy, upstream } = measurand;
  if (definition.per !== subjectOf(measurand)) return false;
  return (
    matches(definition.proxy, proxy) &&
    (upstream === null || matches(definition.upstream, upstream))
  );
}

function subjectOf({ upstream, certificate, token, own }: Measurand): RuleSubject {
  if (certificate !== undefined) return "certificate";
  if (token !== undefined) return "token";
  if (own !== undefined) return "viascope";
  return upstream === null ? "proxy" : "upstream";
}

function verdictOf(expression: Expression, reading: GroupReading): boolean | null {
  const values: Record<string, number | string> = {
    proxy: reading.group.proxy,
    upstream: reading.group.upstream ?? "",
    certificate: reading.group.certificate ?? "",
    token: reading.group.token ?? "",
  };
  for (const use of expression.metrics) {
    const value = reading.value(use);
    if (value !== null) values[use.name] = value;
  }
  return expression.evaluate(values);
}

/** Glob with `*` only; walks both texts once, whatever stands in them. */
function matches(pattern: string | null, name: string): boolean {
  if (pattern === null || pattern === name) return true;
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined || !name.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - at >= tail.length && name.endsWith(tail);
}
