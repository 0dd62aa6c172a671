import { transition } from "#lib/alerts/transition.ts";
import type { PreviewAnswer, PreviewBody } from "#lib/contract/rules.ts";
import type { AlertMemory } from "#lib/core/alert.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Measurand } from "#lib/core/measured.ts";
import type { RuleDefinition, RuleSubject } from "#lib/core/rule.ts";
import type { Database } from "#lib/db/open.ts";
import { queryRuleHistory, type GroupHistory } from "#lib/query/rule-history.ts";
import { compileRule, windowsOf, type CompiledRule } from "#lib/rules/compiled-rule.ts";
import { evaluateRule, GroupReading, isAbout } from "#lib/rules/evaluate.ts";

import { CommandRefused } from "./command-refused.ts";

export interface PreviewQuestion {
  readonly project: number;
  readonly body: PreviewBody;
  readonly keep: KeepMs;
  readonly nowMs: number;
}

const daySeconds = 86_400;
/** More than so many incidents say nothing that the first do not. */
const incidentsMax = 500;

/** Why rules about some subjects cannot be replayed. */
const notReplayed: Partial<Record<RuleSubject, string>> = {
  certificate:
    "A rule about certificates cannot be replayed: their checks are kept as changes, not as series.",
  token: "A rule about tokens cannot be replayed: when they expire is known from the start.",
  viascope:
    "A rule about Viascope itself cannot be replayed: how full disk and spool were is not kept. What was refused stands on the page Operations.",
};

/** Replays a rule over the days before now, in steps of a minute, or of five where that is fine enough. */
export async function previewRule(
  db: Database,
  { project, body, keep, nowMs }: PreviewQuestion,
): Promise<PreviewAnswer> {
  const { days, ...definition } = body;
  const rule = compileRule("preview", definition);
  if ("message" in rule) {
    throw new CommandRefused(400, `\`${rule.field}\`, column ${rule.from + 1}: ${rule.message}`);
  }
  const refusal = notReplayed[definition.per];
  if (refusal !== undefined) throw new CommandRefused(400, refusal);
  const step = stepOf(rule, days);
  const toMs = Math.floor(nowMs / (step * 1000)) * step * 1000;
  const window = { fromMs: toMs - days * daySeconds * 1000, toMs };
  const histories = await queryRuleHistory(db, {
    project,
    keep,
    window,
    step,
    windows: windowsOf([rule]),
    isWanted: (measurand: Measurand) => isAbout(definition, measurand),
    ...exactNames(definition),
  });
  const replays = histories.map((history) => replay(rule, history));
  const incidents = replays.flatMap((one) => one.incidents);
  return {
    step,
    from: new Date(window.fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    incidents: incidents
      .toSorted((a, b) => (a.firedAt < b.firedAt ? -1 : 1))
      .slice(0, incidentsMax),
    groups: histories.length,
    unknownGroups: replays.filter(({ mostlyUnknown }) => mostlyUnknown).length,
  };
}

/** As fine as the shortest window asks for, and coarse where days of minutes would be too many. */
function stepOf({ shortestSeconds }: CompiledRule, days: number): number {
  return days === 1 || (shortestSeconds ?? 300) < 300 ? 60 : 300;
}

/** Names without a `*`, so that no other rows are read. */
function exactNames({ proxy, upstream }: RuleDefinition): { proxy?: string; upstream?: string } {
  return {
    ...(proxy !== null && !proxy.includes("*") && { proxy }),
    ...(upstream !== null && !upstream.includes("*") && { upstream }),
  };
}

interface Replay {
  readonly incidents: PreviewAnswer["incidents"];
  readonly mostlyUnknown: boolean;
}

function replay(rule: CompiledRule, history: GroupHistory): Replay {
  const { definition } = rule;
  const timing = { ...definition, hasRecovery: definition.recoverWhen !== null };
  const incidents: PreviewAnswer["incidents"] = [];
  let memory: AlertMemory | null = null;
  let unknown = 0;
  let evaluations = 0;
  for (const { atMs, group } of history.steps()) {
    const verdict = evaluateRule(rule, new GroupReading(group, atMs));
    const next = transition(memory, verdict, atMs, timing);
    memory = next.memory;
    evaluations += 1;
    if (verdict.outcome !== "true" && verdict.outcome !== "false") unknown += 1;
    if (next.change?.notify === "firing") {
      const { proxy, upstream } = history;
      incidents.push({ proxy, upstream, firedAt: new Date(atMs).toISOString(), resolvedAt: null });
    }
    const last = incidents.at(-1);
    if (next.change?.notify === "resolved" && last !== undefined) {
      last.resolvedAt = new Date(atMs).toISOString();
    }
  }
  return { incidents, mostlyUnknown: unknown * 2 > evaluations };
}
