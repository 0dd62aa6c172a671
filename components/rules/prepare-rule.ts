import type { Rule, RuleBody } from "#lib/contract/rules.ts";
import { secondsOf, spanText } from "#lib/core/duration.ts";
import { labelName, reservedLabels, type RuleSubject } from "#lib/core/rule.ts";

import type { State } from "../overview/prepare-state.ts";

/** A rule as it stands in the form: texts, as they are typed. */
export interface RuleDraft {
  readonly name: string;
  readonly description: string;
  readonly per: RuleSubject;
  readonly proxy: string;
  readonly upstream: string;
  readonly when: string;
  readonly recoverWhen: string;
  /** Times as people write them, such as `1h30m`. */
  readonly holds: string;
  readonly keepsFiring: string;
  readonly onNoData: Rule["onNoData"];
  readonly minRequests: string;
  readonly severity: Rule["severity"];
  readonly runbookUrl: string;
  readonly labels: readonly LabelDraft[];
}

export interface LabelDraft {
  readonly name: string;
  readonly value: string;
}

/** What a new rule begins with. */
export const newDraft: RuleDraft = {
  name: "",
  description: "",
  per: "upstream",
  proxy: "",
  upstream: "",
  when: "error_rate_5m > 5%",
  recoverWhen: "",
  holds: "0s",
  keepsFiring: "1m",
  onNoData: "keep",
  minRequests: "20",
  severity: "ticket",
  runbookUrl: "",
  labels: [],
};

/** A rule as the form shows it. */
export function draftOf(rule: Rule): RuleDraft {
  return {
    name: rule.name,
    description: rule.description,
    per: rule.per,
    proxy: rule.proxy ?? "",
    upstream: rule.upstream ?? "",
    when: rule.when,
    recoverWhen: rule.recoverWhen ?? "",
    holds: spanText(rule.forSeconds),
    keepsFiring: spanText(rule.keepFiringForSeconds),
    onNoData: rule.onNoData,
    minRequests: String(rule.minRequests),
    severity: rule.severity,
    runbookUrl: rule.runbookUrl ?? "",
    labels: Object.entries(rule.labels).map(([name, value]) => ({ name, value })),
  };
}

/** The rule that a form means, as far as it can be read. */
export function bodyOf(draft: RuleDraft): RuleBody {
  const { holds, keepsFiring, ...same } = draft;
  return {
    ...same,
    proxy: hasPlaces(draft) ? orNull(draft.proxy) : null,
    upstream: draft.per === "upstream" ? orNull(draft.upstream) : null,
    recoverWhen: orNull(draft.recoverWhen),
    runbookUrl: orNull(draft.runbookUrl),
    forSeconds: spanOf(holds) ?? 0,
    keepFiringForSeconds: spanOf(keepsFiring) ?? 0,
    minRequests: Number(draft.minRequests),
    labels: Object.fromEntries(
      draft.labels
        .filter(({ name }) => name.trim() !== "")
        .map(({ name, value }) => [name.trim(), value]),
    ),
  };
}

/** Whether a rule can look at some proxies only; certificates, tokens and Viascope itself belong to none. */
export function hasPlaces({ per }: Pick<RuleDraft, "per">): boolean {
  return per === "proxy" || per === "upstream";
}

/** The longest time that a rule may wait: a week. */
const spanSecondsMax = 604_800;

/** The whole seconds that a time in the form means; null when it means none, or more than a rule may wait. */
export function spanOf(text: string): number | null {
  const seconds = secondsOf(text.replaceAll(/\s+/g, ""));
  return seconds !== null && Number.isInteger(seconds) && seconds <= spanSecondsMax
    ? seconds
    : null;
}

/** What is wrong with a label; null when nothing is. */
export function labelProblem(
  { name }: LabelDraft,
  all: readonly LabelDraft[],
): "name" | "reserved" | "twice" | null {
  const own = name.trim();
  if (own === "") return null;
  if (!labelName.test(own)) return "name";
  if (reservedLabels.some((reserved) => reserved === own)) return "reserved";
  return all.filter((other) => other.name.trim() === own).length > 1 ? "twice" : null;
}

/** Whether everything in the form can be read; expressions are checked beside their fields. */
export function canBeRead({ holds, keepsFiring, labels }: RuleDraft): boolean {
  return (
    spanOf(holds) !== null &&
    spanOf(keepsFiring) !== null &&
    labels.every((label) => labelProblem(label, labels) === null)
  );
}

/** A key made of a name: lower-case letters, digits and hyphens. */
export function keyFrom(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, 63).replace(/-+$/, "");
}

/** Whether a rule is changed here; others are changed in their file or their objective. */
export function isOurs({ origin }: Rule): boolean {
  return origin === "own" || origin === "ready-made";
}

/** How a rule stands, in order of attention. */
export const standings = ["problem", "firing", "pending", "quiet", "off"] as const;
export type Standing = (typeof standings)[number];

export const standingMarks: Readonly<Record<Standing, State>> = {
  problem: "degraded",
  firing: "failing",
  pending: "quiet",
  quiet: "ok",
  off: "quiet",
};

/** How a rule stands now. */
export function standingOf({ enabled, problem, firing, pending }: Rule): Standing {
  if (!enabled) return "off";
  if (problem !== null) return "problem";
  if (firing > 0) return "firing";
  return pending > 0 ? "pending" : "quiet";
}

/** Rules in order of attention, then by name. */
export function sortRules(rules: readonly Rule[]): Rule[] {
  return rules.toSorted(
    (a, b) =>
      standings.indexOf(standingOf(a)) - standings.indexOf(standingOf(b)) ||
      a.name.localeCompare(b.name, "en"),
  );
}

/** The names that may stand where the caret is, and where the word begins that they would replace. */
export function completions(
  text: string,
  caret: number,
  names: readonly string[],
): { readonly from: number; readonly names: readonly string[] } {
  const word = /[a-z_][a-z0-9_]*$/.exec(text.slice(0, caret))?.[0] ?? "";
  const from = caret - word.length;
  if (word.length < 2 || names.includes(word)) return { from, names: [] };
  return { from, names: names.filter((name) => name.startsWith(word)).slice(0, 8) };
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
