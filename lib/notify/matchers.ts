import { RE2JS } from "re2js";

import type { Labels } from "./alert.ts";

export interface Matcher {
  readonly name: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

const compiled = new Map<string, RE2JS>();
const compiledMax = 1_000;

/** Whether labels satisfy every matcher; a label that is absent counts as empty, patterns match whole values. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels[matcher.name] ?? ""));
}

/** What is wrong with a matcher, as a sentence; null when it can be used. */
export function problemOfMatcher(matcher: Matcher): string | null {
  if (!/^[a-zA-Z_][\w.]*$/.test(matcher.name)) return `${matcher.name} is not the name of a label.`;
  if (matcher.operator === "=" || matcher.operator === "!=") return null;
  try {
    patternOf(matcher.value);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it cannot be read";
    return `${matcher.name}${matcher.operator} has a pattern that RE2 refuses: ${reason}.`;
  }
}

/** As Alertmanager writes it: `severity=~"page|ticket"`. */
export function textOfMatcher({ name, operator, value }: Matcher): string {
  return `${name}${operator}${JSON.stringify(value)}`;
}

function matches({ operator, value }: Matcher, actual: string): boolean {
  const isPattern = operator === "=~" || operator === "!~";
  const found = isPattern ? patternOf(value).testExact(actual) : actual === value;
  return operator === "=" || operator === "=~" ? found : !found;
}

/** RE2 takes time linear in the text, so that no pattern of a user can hold a worker up. */
function patternOf(source: string): RE2JS {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const pattern = RE2JS.compile(`(?:${source})`, RE2JS.DOTALL);
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(source, pattern);
  return pattern;
}
