import type { SloAnswer, SloStatus } from "#lib/contract/slos.ts";
import type { Window } from "#lib/core/bucket.ts";
import { calendarWindow } from "#lib/core/calendar.ts";
import { keepMsDefault, type KeepMs } from "#lib/core/keep.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import {
  allowedOf,
  budgetOf,
  budgetStateOf,
  coverageOf,
  exhaustedInMs,
  isBadSlice,
  isCovered,
  projectedTotal,
  sliceEvents,
  sumOfEvents,
  type Events,
} from "#lib/core/slo.ts";
import type { Database } from "#lib/db/open.ts";
import {
  countedMs,
  querySloEvents,
  querySloHours,
  type EventStretch,
  type SloQuestion,
} from "#lib/query/slo-events.ts";

import type { SloInForce } from "../slos-in-force.ts";
import type { CountedModules } from "./counted-modules.ts";
import { formulaOf } from "./formula.ts";

/** An objective at a time. */
export interface SloPlace {
  readonly project: number;
  readonly keep: KeepMs | undefined;
  readonly nowMs: number;
  readonly slo: SloInForce;
  readonly excluded: readonly Window[];
  readonly watermarkMs: number;
  /** How the modules that it names are counted; null when it names none. */
  readonly modules: CountedModules | null;
}

/** What is asked of one window of an objective. */
export function questionOf(place: SloPlace, window: Window): SloQuestion {
  const { project, keep, slo, excluded, modules } = place;
  const prefixId = modules?.prefixId ?? null;
  return { project, keep, excluded, window, prefixId, definition: slo.definition };
}

/** How an objective stands, with the stretches it was reckoned from. */
export interface Standing {
  readonly status: SloStatus;
  readonly window: Window;
  readonly countedToMs: number;
  readonly burnDown: SloAnswer["burnDown"];
}

/** Telemetry that is older than this is no data, whatever was observed before. */
const staleMsMax = 900_000;
const hourSeconds = 3_600;
const burnDownPoints = 120;

/** Reckons an objective up to where telemetry ends. */
export async function readStanding(db: Database, place: SloPlace): Promise<Standing> {
  const { slo, excluded, watermarkMs } = place;
  const { definition } = slo;
  const period = periodOf(definition, watermarkMs);
  const countedToMs = Math.min(period.toMs, watermarkMs);
  const question = questionOf(place, {
    fromMs: Math.min(countedToMs, keptFrom(place, period.fromMs)),
    toMs: countedToMs,
  });
  const stretches = await querySloEvents(db, question, stretchOf(definition));
  const elapsedMs = countedMs(question);
  const periodMs = countedMs({ window: period, excluded });
  const counted = eventsIn(definition, stretches, { elapsedMs, periodMs });
  const hours = hasPart(definition) ? await querySloHours(db, question) : stretches;
  const coverage = coverageIn(hours, question.window, excluded);
  const status = statusOf(place, { period, countedToMs, counted, coverage });
  return {
    status,
    window: period,
    countedToMs,
    burnDown: burnDownOf(definition, stretches, period, counted, countedToMs),
  };
}

/** The window of an objective that holds a time: it ends there, or with its calendar period. */
function periodOf({ window }: Pick<SloDefinition, "window">, timeMs: number): Window {
  if (window.kind === "rolling") return { fromMs: timeMs - window.days * 86_400_000, toMs: timeMs };
  return calendarWindow(timeMs - 1, window.unit, window.zone);
}

/** Whether an objective counts only some of the exchanges of its proxy, so that none of them may come for hours. */
function hasPart({ endpoint, module }: SloDefinition): boolean {
  return endpoint !== null || module !== null;
}

/** Whether enough is known to tell how an objective stands. */
function isJudged({ slo, nowMs, watermarkMs, modules }: SloPlace, coverage: Coverage): boolean {
  if (nowMs - watermarkMs > staleMsMax || modules?.isFilling === true) return false;
  return isCovered(coverage.observed, coverage.expected, slo.definition.coverageMinPpm);
}

/** From when on a window can be counted: what an objective on modules asks for is counted since it is there. */
export function keptFrom(place: SloPlace, fromMs: number): number {
  const { budgeting } = place.slo.definition;
  const wholeMs = (budgeting.kind === "timeslices" ? budgeting.sliceSeconds : 60) * 1000;
  const modulesFromMs = Math.ceil((place.modules?.fromMs ?? 0) / wholeMs) * wholeMs;
  return Math.max(exactFrom(place, fromMs), modulesFromMs);
}

/**
 * From when on a window can be counted as exactly as the objective asks. Beyond the minutes that are kept there are hours:
 * slices within an hour cannot be told apart there, and events are counted from the first whole hour on.
 */
function exactFrom({ slo, nowMs, keep }: SloPlace, fromMs: number): number {
  const minutesFromMs = nowMs - (keep ?? keepMsDefault)[60];
  if (fromMs > minutesFromMs) return fromMs;
  const stretchMs = stretchOf(slo.definition) * 1000;
  if (stretchMs >= hourSeconds * 1000) return Math.ceil(fromMs / stretchMs) * stretchMs;
  return (Math.floor(minutesFromMs / stretchMs) + 2) * stretchMs;
}

/** The width in which events are read: slices where slices count, else hours. */
export function stretchOf({ budgeting }: Pick<SloDefinition, "budgeting">): number {
  return budgeting.kind === "timeslices" ? budgeting.sliceSeconds : hourSeconds;
}

/** What was counted, and what it is held against. */
export interface Counted {
  readonly events: Events;
  /** The total that the budget is reckoned from. */
  readonly budgetTotal: number;
}

/** Stretches as the objective counts them: events, or slices of the whole period. */
export function eventsIn(
  { budgeting, indicator, window }: SloDefinition,
  stretches: readonly EventStretch[],
  { elapsedMs, periodMs }: { readonly elapsedMs: number; readonly periodMs: number },
): Counted {
  if (budgeting.kind === "occurrences") {
    const events = sumOfEvents(stretches);
    // A rolling window is over at any time; only a calendar one has traffic still to come.
    const isOver = window.kind === "rolling";
    const budgetTotal = isOver ? events.total : projectedTotal(events.total, elapsedMs, periodMs);
    return { events, budgetTotal };
  }
  const { sliceSeconds, sliceTargetPpm } = budgeting;
  const slicesIn = (ms: number): number => Math.floor(ms / (sliceSeconds * 1000));
  if (indicator === "freshness") {
    const empty = Math.max(
      0,
      slicesIn(elapsedMs) - stretches.filter(({ total }) => total > 0).length,
    );
    return { events: { total: slicesIn(elapsedMs), bad: empty }, budgetTotal: slicesIn(periodMs) };
  }
  const { bad } = sliceEvents(sliceTargetPpm, stretches, slicesIn(periodMs));
  return { events: { total: slicesIn(elapsedMs), bad }, budgetTotal: slicesIn(periodMs) };
}

interface Coverage {
  readonly observed: number;
  readonly expected: number;
}

/** Hours in which anything was observed, of those that count. */
function coverageIn(
  stretches: readonly EventStretch[],
  window: Window,
  excluded: readonly Window[],
): Coverage {
  const hourMs = hourSeconds * 1000;
  const hours = stretches
    .filter(({ total }) => total > 0)
    .map(({ startMs }) => Math.floor(startMs / hourMs));
  const expected = Math.floor(countedMs({ window, excluded }) / hourMs);
  return { observed: Math.min(new Set(hours).size, expected), expected };
}

interface StatusFacts {
  readonly period: Window;
  readonly countedToMs: number;
  readonly counted: Counted;
  readonly coverage: Coverage;
}

function statusOf(place: SloPlace, facts: StatusFacts): SloStatus {
  const { period, countedToMs, counted, coverage } = facts;
  const { slo } = place;
  const { definition } = slo;
  const { events, budgetTotal } = counted;
  const budget = budgetOf(definition.objectivePpm, { total: budgetTotal, bad: events.bad });
  const pace = budgetOf(definition.objectivePpm, events).burn;
  const pastMs = exhaustedInMs(budget.remaining ?? 1, pace ?? 0, period.toMs - period.fromMs);
  const measured = isJudged(place, coverage) && budget.remaining !== null;
  return {
    state: measured ? budgetStateOf(slo.budgetState, budget.remaining ?? 0) : "no_data",
    from: new Date(period.fromMs).toISOString(),
    to: new Date(countedToMs).toISOString(),
    periodEnd: new Date(period.toMs).toISOString(),
    total: events.total,
    bad: events.bad,
    projectedTotal: budgetTotal,
    allowedBad: budget.allowedBad,
    remainingEvents: budget.remainingEvents,
    remaining: budget.remaining,
    errorRate: events.total === 0 ? null : events.bad / events.total,
    burn: pace,
    coverage: coverageOf(coverage.observed, coverage.expected),
    ...countingOf(place.modules),
    exhaustedInSeconds: Number.isFinite(pastMs) ? Math.round(pastMs / 1000) : null,
    formula: formulaOf(definition, events, budgetTotal),
  };
}

function countingOf(modules: CountedModules | null): Pick<SloStatus, "countedFrom" | "isFilling"> {
  if (modules === null) return { countedFrom: null, isFilling: false };
  const { fromMs, isFilling } = modules;
  const isCounted = Number.isFinite(fromMs);
  return { countedFrom: isCounted ? new Date(fromMs).toISOString() : null, isFilling };
}

/** What was left at the end of about 120 stretches, of the budget as it is reckoned now. */
function burnDownOf(
  definition: SloDefinition,
  stretches: readonly EventStretch[],
  period: Window,
  { budgetTotal }: Counted,
  countedToMs: number,
): SloAnswer["burnDown"] {
  const widthMs = Math.max(
    hourSeconds * 1000,
    Math.ceil((period.toMs - period.fromMs) / burnDownPoints),
  );
  const allowed = allowedOf(definition.objectivePpm, budgetTotal);
  const points: SloAnswer["burnDown"] = [];
  let bad = 0;
  let next = 0;
  for (let endMs = period.fromMs + widthMs; endMs < countedToMs + widthMs; endMs += widthMs) {
    const atMs = Math.min(endMs, countedToMs);
    for (; next < stretches.length && (stretches[next]?.startMs ?? Infinity) < atMs; next += 1) {
      bad += badOf(definition, stretches[next]);
    }
    points.push({
      at: new Date(atMs).toISOString(),
      remaining: allowed === 0 ? null : (allowed - bad) / allowed,
      even: 1 - (atMs - period.fromMs) / (period.toMs - period.fromMs),
    });
  }
  return points;
}

function badOf({ budgeting }: SloDefinition, stretch: EventStretch | undefined): number {
  if (stretch === undefined) return 0;
  if (budgeting.kind === "occurrences") return stretch.bad;
  return isBadSlice(budgeting.sliceTargetPpm, stretch) ? 1 : 0;
}
