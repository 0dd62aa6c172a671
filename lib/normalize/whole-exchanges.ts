import type { Attempt, Exchange } from "#lib/core/exchange.ts";
import { relationsOf, type Relation, type Try } from "#lib/core/relations.ts";
import type { HttpFacts, SpanRecord } from "#lib/decode/otlp-traces.ts";

import { callOf } from "./record-rows.ts";
import { attemptOfSpan, exchangeOfSpan } from "./span.ts";
import { toldAttemptsOf } from "./told-attempts.ts";

const internalKind = 1;
const serverKind = 2;
const clientKind = 3;

/** Ancestors climbed before an attempt counts as having no exchange. */
const climbMax = 64;
/** Attempts of one exchange that are related to each other; no proxy makes as many, and a batch job's calls are none. */
const relatedMax = 200;

/** 53 of the 64 bits of an id as a number, which is enough to tell apart what is held at one time. */
export function keyOf(high: number, low: number): number {
  return (high & 0x1f_ffff) * 4_294_967_296 + low;
}

/** The nearest of a span's ancestors that is an exchange, from its parent up through INTERNAL spans; undefined for none. */
export function exchangeAbove<One>(
  parent: number,
  exchanges: ReadonlyMap<number, One>,
  parents: ReadonlyMap<number, number>,
): One | undefined {
  let ancestor: number | undefined = parent;
  for (let climbed = 0; ancestor !== undefined && climbed < climbMax; climbed += 1) {
    const found = exchanges.get(ancestor);
    if (found !== undefined) return found;
    ancestor = parents.get(ancestor);
  }
  return undefined;
}

/** An attempt of an exchange among others. */
export interface Call<Name> {
  readonly attempt: Try<Name>;
  /** Attempts at the same thing have the same call. */
  readonly call: number;
  /** Orders attempts that began at the same time, whatever the order of their arrival. */
  readonly order: number;
}

/**
 * Relations between the attempts at one thing: an exchange may ask its upstreams for several,
 * and only attempts with the same method and path are tries at the same (reference/otlp.md §3c).
 * `calls` stand in the order of their arrival.
 */
export function relationsWithin<Name>(calls: readonly Call<Name>[]): readonly Relation<Name>[] {
  const groups = Map.groupBy(inOrder(calls.slice(0, relatedMax)), ({ call }) => call);
  return [...groups.values()].flatMap((group) => relationsOf(group.map(({ attempt }) => attempt)));
}

/** By start, so that the order of arrival never matters. */
function inOrder<One extends Call<unknown>>(calls: readonly One[]): readonly One[] {
  return calls.toSorted((a, b) => a.attempt.startUs - b.attempt.startUs || a.order - b.order);
}

/** An exchange with all that is known of it, and the spans that tell of it. */
export interface WholeExchange {
  readonly span: SpanRecord;
  readonly exchange: Exchange;
  /** The CLIENT spans below it, by their start: those of its attempts, where not the SERVER span itself tells of them. */
  readonly clients: readonly SpanRecord[];
  readonly relations: readonly Relation[];
}

/** The exchanges in the spans of whole traces, in their order, each with its attempts in the order they were made. */
export function wholeExchanges(spans: readonly SpanRecord[]): WholeExchange[] {
  const traces = Map.groupBy(spans, traceKeyOf);
  const calls = new Map([...traces].map(([key, members]) => [key, callsOfTrace(members)] as const));
  return spans.flatMap((span) => {
    if (span.kind !== serverKind || span.http === null) return [];
    const own = calls.get(traceKeyOf(span))?.get(spanKeyOf(span)) ?? [];
    const ordered = inOrder(own);
    const told = toldBeside(span, span.http, own);
    const attempts = told.length > 0 ? told : ordered.map(({ attempt }) => attempt);
    const exchange = { ...exchangeOfSpan(span, span.http), attempts };
    const clients = ordered.map((call) => call.span);
    const relations = [...relationsOf(told), ...relationsWithin(own)];
    return [{ span, exchange, clients, relations }];
  });
}

/** The attempts that a SERVER span itself tells of, but where CLIENT spans of the same proxy tell of them, too. */
function toldBeside(
  span: SpanRecord,
  http: HttpFacts,
  calls: readonly SpanCall[],
): readonly Attempt[] {
  const isJoined = calls.some((call) => call.span.service === span.service);
  return isJoined ? [] : toldAttemptsOf(span, http);
}

interface SpanCall extends Call<string> {
  readonly span: SpanRecord;
  readonly attempt: Attempt;
}

/** The attempts in a trace by the span of their exchange. */
function callsOfTrace(spans: readonly SpanRecord[]): Map<number, SpanCall[]> {
  const calls = new Map<number, SpanCall[]>();
  const parents = new Map<number, number>();
  for (const span of spans) {
    if (span.kind === internalKind) parents.set(spanKeyOf(span), parentKeyOf(span));
    if (span.kind === serverKind && span.http !== null) calls.set(spanKeyOf(span), []);
  }
  for (const span of spans) {
    if (span.kind !== clientKind || span.http === null) continue;
    const attempt = attemptOfSpan(span, span.http);
    const call = { span, attempt, call: callOf(span), order: span.spanLow };
    exchangeAbove(parentKeyOf(span), calls, parents)?.push(call);
  }
  return calls;
}

function traceKeyOf(span: SpanRecord): number {
  return keyOf(span.traceHigh, span.traceLow);
}

function spanKeyOf(span: SpanRecord): number {
  return keyOf(span.spanHigh, span.spanLow);
}

function parentKeyOf(span: SpanRecord): number {
  return keyOf(span.parentHigh, span.parentLow);
}
