import type { AlertEvidence } from "#lib/contract/alert-event.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Group } from "#lib/core/measured.ts";
import { withLock } from "#lib/db/advisory-lock.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { RuleSeriesReader, type SeriesWindow } from "#lib/query/rule-series.ts";
import { windowsOf } from "#lib/rules/compiled-rule.ts";
import { GroupReading } from "#lib/rules/evaluate.ts";
import { lastTransitions, loadAlerts, writeRound, type StoredAlert } from "#lib/store/alerts.ts";
import { seenCertificates } from "#lib/store/certificates.ts";
import { writeEvaluation } from "#lib/store/evaluations.ts";
import { loadCorrections } from "#lib/store/slos.ts";
import { listTokens } from "#lib/store/tokens.ts";

import { RuleCompiler, type CompiledRules } from "./evaluate-rules/compiler.ts";
import { judgeProblems } from "./evaluate-rules/judge-problems.ts";
import { judgeRules } from "./evaluate-rules/judge-rules.ts";
import { judgeSlos, ruleKeysOf, windowsOfSlos } from "./evaluate-rules/judge-slos.ts";
import { ownGroups } from "./evaluate-rules/own-groups.ts";
import type { OwnStateReader } from "./evaluate-rules/own-state.ts";
import { Round } from "./evaluate-rules/round.ts";
import { withCertificates } from "./evaluate-rules/with-certificates.ts";
import { worstExchanges } from "./evaluate-rules/worst-exchanges.ts";
import { rulesInForce } from "./rules-in-force.ts";
import { slosInForce } from "./slos-in-force.ts";
import { readCountedModules } from "./slos/counted-modules.ts";

/** Any constant: names the advisory lock under which one worker at a time evaluates. */
const evaluationLock = 7_316_002;
/**
 * Read whatever the rules ask for: groups are those that sent anything within a day, which also tells the counting source
 * of each proxy, and failures in a row are looked for in the last five minutes.
 */
const fixedWindows: readonly SeriesWindow[] = [
  { seconds: 300, latency: false },
  { seconds: 86_400, latency: false },
];

/** What one evaluation did. */
export interface EvaluationResult {
  readonly rules: number;
  /** Rules times the groups that they look at. */
  readonly instances: number;
  readonly changes: number;
  readonly tookMs: number;
}

export interface EvaluationOptions {
  readonly project: number;
  readonly keep?: KeepMs;
  /** Without it rules about Viascope itself look at nothing. */
  readonly own?: OwnStateReader;
}

/**
 * Evaluates all rules against the rollups and moves their alerts. States, transitions and outbox rows of one evaluation
 * are one transaction, so that a worker that is killed leaves nothing half told; everything it needs next time is stored.
 */
export class RuleEvaluation {
  readonly #db: Database;
  readonly #options: EvaluationOptions;
  readonly #compiler = new RuleCompiler();
  readonly #series: RuleSeriesReader;

  constructor(db: Database, options: EvaluationOptions) {
    this.#db = db;
    this.#options = options;
    this.#series = new RuleSeriesReader(db, options.project, options.keep);
  }

  /** Evaluates once; null when another worker is at it. */
  evaluate(nowMs: number): Promise<EvaluationResult | null> {
    return withLock(this.#db, evaluationLock, () => this.#evaluate(nowMs));
  }

  async #evaluate(nowMs: number): Promise<EvaluationResult> {
    const begun = performance.now();
    const { project } = this.#options;
    const db = this.#db;
    const stored = await loadAlerts(db, project);
    const rules = this.#compiler.compile(await rulesInForce(db, project));
    const slos = await slosInForce(db, project);
    const corrections = slos.length === 0 ? [] : await loadCorrections(db, project);
    const modulesOf = await readCountedModules(db, project);
    const windows = merged([...windowsOf(rules.compiled), ...windowsOfSlos(slos), ...fixedWindows]);
    const series = await this.#series.read(nowMs, windows);
    const groups = [
      ...withCertificates(series.groups, await seenCertificates(db, project), nowMs),
      ...(await this.#ownGroups(nowMs)),
    ];
    const readings = groups.map((group) => new GroupReading(group, nowMs));
    const round = new Round(stored, nowMs);
    for (const judgement of judgeRules(rules.compiled, readings)) round.judge(judgement);
    const facts = { series, corrections, modulesOf, nowMs };
    for (const judgement of judgeSlos(slos, facts)) round.judge(judgement);
    for (const judgement of judgeProblems(rules.problems, stored, nowMs)) round.judge(judgement);
    const inForce = new Set([...rules.compiled.map(({ key }) => key), ...slos.flatMap(ruleKeysOf)]);
    round.endOthers((alert) => reasonToEnd(alert, rules, inForce));
    return this.#write(round, rules, nowMs, begun);
  }

  async #ownGroups(nowMs: number): Promise<Group[]> {
    const { project, own } = this.#options;
    const tokens = await listTokens(this.#db, project);
    return ownGroups(tokens, (await own?.read(nowMs)) ?? null, nowMs);
  }

  async #write(
    round: Round,
    rules: CompiledRules,
    nowMs: number,
    begun: number,
  ): Promise<EvaluationResult> {
    const { project } = this.#options;
    const lastSeq = await lastTransitions(this.#db, project, round.unnumbered());
    const found = await this.#evidenceFor(round, nowMs);
    const written = round.written(lastSeq, found);
    const tookMs = performance.now() - begun;
    const { instances } = round;
    await inTransaction(this.#db, async (client) => {
      await writeRound(client, project, written);
      const problems = Object.fromEntries(rules.problems);
      const count = rules.compiled.length;
      const evaluation = { atMs: nowMs, tookMs, rules: count, instances, problems };
      await writeEvaluation(client, project, evaluation);
    });
    const changes = written.transitions.length;
    return { rules: rules.compiled.length, instances, changes, tookMs: performance.now() - begun };
  }

  #evidenceFor(round: Round, nowMs: number): Promise<Map<string, AlertEvidence[]>> {
    return worstExchanges(this.#db, this.#options.project, round.firing(), nowMs);
  }
}

/** Each length once, with latencies where anybody needs them; shortest first. */
function merged(windows: readonly SeriesWindow[]): SeriesWindow[] {
  const needs = new Map<number, boolean>();
  for (const { seconds, latency } of windows) {
    needs.set(seconds, latency || needs.get(seconds) === true);
  }
  return [...needs]
    .map(([seconds, latency]) => ({ seconds, latency }))
    .toSorted((a, b) => a.seconds - b.seconds);
}

/** Why an alert that nobody judged ends; null while its rule cannot be evaluated, as nothing is known then. */
function reasonToEnd(
  { ruleKey }: StoredAlert,
  { problems }: CompiledRules,
  inForce: ReadonlySet<string>,
): string | null {
  if (problems.has(ruleKey)) return null;
  return inForce.has(ruleKey)
    ? "Nothing was heard of it for a day, or the rule no longer looks at it."
    : "The rule was deleted or switched off.";
}
