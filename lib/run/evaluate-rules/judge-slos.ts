import type { AlertValue } from "#lib/contract/alert-event.ts";
import type { Outcome } from "#lib/core/alert.ts";
import { burnFactor, burnOutcome, burnRowsFor, type BurnRow } from "#lib/core/burn-rule.ts";
import { durationText } from "#lib/core/duration.ts";
import type { Group, Measured } from "#lib/core/measured.ts";
import type { Severity } from "#lib/core/severity.ts";
import { nominalSeconds, type SloDefinition } from "#lib/core/slo-definition.ts";
import { eventsOf } from "#lib/core/slo-events.ts";
import { burnOf, isCovered, sumOfEvents, type Events } from "#lib/core/slo.ts";
import type { RuleSeries, SeriesWindow } from "#lib/query/rule-series.ts";
import { valueText } from "#lib/rules/value-text.ts";

import type { SloInForce } from "../slos-in-force.ts";
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

/** What the burn rates of every objective say: one alert to page, and one to open a ticket. */
export function judgeSlos(
  slos: readonly SloInForce[],
  series: RuleSeries,
  corrections: readonly Correction[],
  nowMs: number,
): Judgement[] {
  return slos.filter(burns).flatMap((slo) => {
    const rows = rowsOf(slo.definition);
    const cuts = corrections.filter(({ sloKey }) => sloKey === slo.key);
    const reader = new BurnReader(slo.definition, series, cuts, nowMs);
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
  const { proxy, upstream } = slo.definition;
  const outcome = anyOf(rows.map((row) => reader.outcome(row)));
  return {
    source: sourceOf(slo, severity),
    group: {
      slo: slo.key,
      ...(proxy !== null && { proxy }),
      ...(upstream !== null && { upstream }),
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
  readonly #nowMs: number;
  readonly #events = new Map<number, Events>();

  constructor(
    definition: SloDefinition,
    series: RuleSeries,
    cuts: readonly Correction[],
    nowMs: number,
  ) {
    this.#definition = definition;
    this.#series = series;
    this.#cuts = cuts;
    this.#nowMs = nowMs;
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

  /** Nothing is said while a stretch that does not count lies in the window, or too little of it was observed. */
  #covered({ longSeconds }: BurnRow): boolean {
    const fromMs = this.#nowMs - longSeconds * 1000;
    if (this.#cuts.some((cut) => cut.toMs > fromMs && cut.fromMs < this.#nowMs)) return false;
    const observed = this.#series.observedSlices(longSeconds, slicesPerWindow);
    return isCovered(observed, slicesPerWindow, this.#definition.coverageMinPpm);
  }

  #eventsIn(seconds: number): Events {
    const known = this.#events.get(seconds);
    if (known !== undefined) return known;
    const groups = this.#series.groups.filter((group) => isOf(this.#definition, group));
    const events = sumOfEvents(
      groups.map((group) => eventsOfGroup(this.#definition, group.windows.get(seconds))),
    );
    this.#events.set(seconds, events);
    return events;
  }
}

function isOf({ proxy, upstream }: SloDefinition, group: Group): boolean {
  return (proxy === null || group.proxy === proxy) && group.upstream === upstream;
}

function eventsOfGroup(definition: SloDefinition, measured: Measured | undefined): Events {
  const { endpoint } = definition;
  const sums = endpoint === null ? measured?.sums : measured?.endpoints.get(endpoint);
  return sums === undefined ? { total: 0, bad: 0 } : eventsOf(definition, sums);
}
