import type { AlertValue } from "#lib/contract/alert-event.ts";
import type { Outcome } from "#lib/core/alert.ts";
import { burnFactor, burnOutcome, burnRowsFor, type BurnRow } from "#lib/core/burn-rule.ts";
import { durationText } from "#lib/core/duration.ts";
import type { Group, Measured } from "#lib/core/measured.ts";
import type { Severity } from "#lib/core/severity.ts";
import { nominalSeconds, type SloDefinition } from "#lib/core/slo-definition.ts";
import { eventsOf } from "#lib/core/slo-events.ts";
import { burnOf, isCovered, sumOfEvents, type Events } from "#lib/core/slo.ts";
import type { Sums } from "#lib/core/sums.ts";
import type { RuleSeries, SeriesWindow } from "#lib/query/rule-series.ts";
import { valueText } from "#lib/rules/value-text.ts";

import type { SloInForce } from "../slos-in-force.ts";
import type { CountedModules } from "../slos/counted-modules.ts";
import type { AlertSource, Judgement } from "./judgement.ts";

/** A long window is observed in slices as wide as its short one. */
const slicesPerWindow = 12;

/** A stretch that an objective does not count. */
interface Correction {
  readonly sloKey: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The windows that the burn rates of all objectives look at. */
export function windowsOfSlos(slos: readonly SloInForce[]): SeriesWindow[] {
  return slos.filter(burns).flatMap(({ definition }) =>
    rowsOf(definition).flatMap(({ longSeconds, shortSeconds }) =>
      [longSeconds, shortSeconds].map((seconds) => ({
        seconds,
        latency: definition.indicator === "latency",
      })),
    ),
  );
}

/** What burn rates are read from. */
export interface BurnFacts {
  readonly series: RuleSeries;
  readonly corrections: readonly Correction[];
  /** How the modules are counted that a definition names; null when it names none. */
  readonly modulesOf: (definition: SloDefinition) => CountedModules | null;
  readonly nowMs: number;
}

/** What the burn rates of every objective say: one alert to page, and one to open a ticket. */
export function judgeSlos(slos: readonly SloInForce[], facts: BurnFacts): Judgement[] {
  return slos.filter(burns).flatMap((slo) => {
    const rows = rowsOf(slo.definition);
    const reader = new BurnReader(slo, facts);
    return (["page", "ticket"] as const)
      .map((severity) => ({ severity, rows: rows.filter((row) => row.severity === severity) }))
      .filter(({ rows: found }) => found.length > 0)
      .map(({ severity, rows: found }) => judgementOf(slo, severity, found, reader));
  });
}

/** The keys of the rules that an objective brings. */
export function ruleKeysOf({ key }: SloInForce): string[] {
  return [`slo-${key}-page`, `slo-${key}-ticket`];
}

function burns({ definition }: SloInForce): boolean {
  return definition.alerts && definition.indicator !== "freshness";
}

function rowsOf({ objectivePpm, window }: SloDefinition): BurnRow[] {
  return burnRowsFor(objectivePpm, nominalSeconds(window));
}

function judgementOf(
  slo: SloInForce,
  severity: Severity,
  rows: readonly BurnRow[],
  reader: BurnReader,
): Judgement {
  const { proxy, upstream, module } = slo.definition;
  const outcome = anyOf(rows.map((row) => reader.outcome(row)));
  return {
    source: sourceOf(slo, severity),
    group: {
      slo: slo.key,
      ...(proxy !== null && { proxy }),
      ...(upstream !== null && { upstream }),
      ...(module !== null && { module }),
    },
    verdict: { outcome, recovered: null },
    values: () => rows.flatMap((row) => reader.values(row)),
    lookedAtSeconds: Math.max(...rows.map((row) => row.longSeconds)),
    evidence: (from, to) => [
      { kind: "slo", title: slo.definition.name, path: `/slos/${slo.key}`, from, to },
    ],
  };
}

function sourceOf({ key, definition }: SloInForce, severity: Severity): AlertSource {
  const { name, labels, runbookUrl } = definition;
  const spent = severity === "page" ? "hours" : "days";
  return {
    ruleKey: `slo-${key}-${severity}`,
    name: `${name} burns its budget`,
    description: `The error budget of "${name}" burns so fast that it is used up within ${spent}. ${definition.description}`,
    severity,
    labels,
    runbookUrl,
    timing: { forSeconds: 0, keepFiringForSeconds: 120, onNoData: "keep", hasRecovery: false },
  };
}

/** One row that burns is enough; without one, what is not known stays open. */
function anyOf(outcomes: readonly Outcome[]): Outcome {
  const order: readonly Outcome[] = ["true", "error", "unknown", "insufficient_traffic"];
  return order.find((outcome) => outcomes.includes(outcome)) ?? "false";
}

class BurnReader {
  readonly #definition: SloDefinition;
  readonly #series: RuleSeries;
  readonly #cuts: readonly Correction[];
  readonly #modules: CountedModules | null;
  readonly #nowMs: number;
  readonly #events = new Map<number, Events>();

  constructor({ key, definition }: SloInForce, facts: BurnFacts) {
    this.#definition = definition;
    this.#series = facts.series;
    this.#cuts = facts.corrections.filter(({ sloKey }) => sloKey === key);
    this.#modules = facts.modulesOf(definition);
    this.#nowMs = facts.nowMs;
  }

  outcome(row: BurnRow): Outcome {
    const { objectivePpm, window, minBad, minTotal } = this.#definition;
    return burnOutcome(row, {
      objectivePpm,
      windowSeconds: nominalSeconds(window),
      long: this.#eventsIn(row.longSeconds),
      short: this.#eventsIn(row.shortSeconds),
      covered: this.#covered(row),
      minBad,
      minTotal,
    });
  }

  values(row: BurnRow): AlertValue[] {
    const { objectivePpm, window } = this.#definition;
    const factor = burnFactor(row, nominalSeconds(window));
    return [row.longSeconds, row.shortSeconds].map((seconds) => {
      const value = burnOf(objectivePpm, this.#eventsIn(seconds));
      const text = `${valueText(value, "factor")} (alerts above ${valueText(factor, "factor")})`;
      return { name: `burn_${durationText(seconds)}`, value, unit: "factor", text };
    });
  }

  /** Nothing is said while a stretch that does not count, or is not counted yet, lies in the window, or too little of it was observed. */
  #covered({ longSeconds }: BurnRow): boolean {
    const fromMs = this.#nowMs - longSeconds * 1000;
    if (this.#cuts.some((cut) => cut.toMs > fromMs && cut.fromMs < this.#nowMs)) return false;
    if (this.#modules !== null && this.#modules.fromMs > fromMs) return false;
    const observed = this.#series.observedSlices(longSeconds, slicesPerWindow);
    return isCovered(observed, slicesPerWindow, this.#definition.coverageMinPpm);
  }

  #eventsIn(seconds: number): Events {
    const known = this.#events.get(seconds);
    if (known !== undefined) return known;
    const groups = this.#series.groups.filter((group) => isOf(this.#definition, group));
    const events = sumOfEvents(
      groups.map((group) => this.#eventsOfGroup(group.windows.get(seconds))),
    );
    this.#events.set(seconds, events);
    return events;
  }

  #eventsOfGroup(measured: Measured | undefined): Events {
    const sums = this.#sumsOf(measured);
    return sumOfEvents(sums.map((each) => eventsOf(this.#definition, each)));
  }

  #sumsOf(measured: Measured | undefined): Sums[] {
    if (measured === undefined) return [];
    const { endpoint } = this.#definition;
    const prefixId = this.#modules?.prefixId;
    if (prefixId === undefined && endpoint === null) return [measured.sums];
    const parts = prefixId === undefined ? measured.endpoints : measured.modules.get(prefixId);
    const wanted = endpoint === null ? [...(parts?.values() ?? [])] : [parts?.get(endpoint)];
    return wanted.filter((sums) => sums !== undefined);
  }
}

function isOf({ proxy, upstream }: SloDefinition, group: Group): boolean {
  return (proxy === null || group.proxy === proxy) && group.upstream === upstream;
}
