import { errorTypeCodes, tlsReasonCodes } from "#lib/core/codes.ts";
import { rowRoles } from "#lib/core/record-rows.ts";
import type { Relation, Try } from "#lib/core/relations.ts";

import { type HeldSpans, type PlacedRows, type SpanKey, SpanRing } from "./span-ring.ts";
import { type Call, exchangeAbove, keyOf, relationsWithin } from "./whole-exchanges.ts";

/** A relation that came to be (1), or one counted earlier that a late attempt showed to be wrong (-1). */
export interface RelationChange {
  readonly proxyId: number;
  readonly relation: Relation<number>;
  readonly count: 1 | -1;
}

/** An attempt whose exchange has not been seen. */
export interface WaitingSpan extends SpanKey {
  readonly position: number;
}

/** What spans add to what was known before. */
export interface JoinedSpans {
  readonly relations: readonly RelationChange[];
  readonly waiting: readonly WaitingSpan[];
  /** Attempts that waited before, and whose exchange is known now. */
  readonly resolved: readonly SpanKey[];
  /** Takes it all back, for spans that could not be stored. */
  undo(): void;
}

export interface AssemblyLimits {
  /** How long a trace is remembered after its first span, in milliseconds. */
  readonly keepMs: number;
  /** Most spans remembered; the oldest make room for new ones. A power of two. */
  readonly spansMax: number;
}

/**
 * Joins CLIENT spans to their SERVER spans in whichever order they arrive, and counts retries, failovers
 * and fallbacks exactly once: the sums of all changes are those of the whole trace, however it was split.
 * Holds spans for a bounded time and number; attempts that it forgot while they waited are the sweep's.
 */
export class TraceAssembly {
  readonly #held: SpanRing;

  constructor({ keepMs, spansMax }: AssemblyLimits) {
    this.#held = new SpanRing(keepMs, spansMax);
  }

  /** How many spans are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Adds spans that arrived now (epoch milliseconds). */
  take(payloads: readonly PlacedRows[], nowMs: number): JoinedSpans {
    const rounds: Round[] = [];
    this.#held.forget(nowMs);
    for (const payload of payloads) {
      for (let from = 0; from < payload.rows.length; from += this.#held.roundMax) {
        const last = rounds.at(-1);
        const to = Math.min(payload.rows.length, from + this.#held.roundMax);
        const fits = last !== undefined && last.size + to - from <= this.#held.roundMax;
        const round = fits ? last : new Round(this.#held, nowMs);
        if (!fits) {
          last?.finish();
          rounds.push(round);
        }
        round.add(payload, from, to);
      }
    }
    rounds.at(-1)?.finish();
    return {
      relations: rounds.flatMap(({ relations }) => relations),
      waiting: rounds.flatMap(({ waiting }) => waiting),
      resolved: rounds.flatMap(({ resolved }) => resolved),
      undo: () => rounds.toReversed().forEach((round) => round.undo()),
    };
  }
}

/** Spans while they are being added, fewer than the ring holds, so that none of them is overwritten meanwhile. */
class Round {
  readonly relations: RelationChange[] = [];
  readonly waiting: WaitingSpan[] = [];
  readonly resolved: SpanKey[] = [];
  readonly #held: SpanRing;
  readonly #columns: HeldSpans;
  readonly #nowMs: number;
  /** The numbers of its spans. */
  readonly #first: number;
  #end: number;
  /** Places of attempts that no longer wait. */
  readonly #joined: number[] = [];

  constructor(held: SpanRing, nowMs: number) {
    this.#held = held;
    this.#columns = held.columns;
    this.#nowMs = nowMs;
    this.#first = held.begin();
    this.#end = this.#first;
  }

  get size(): number {
    return this.#end - this.#first;
  }

  add(payload: PlacedRows, from: number, to: number): void {
    this.#held.add(payload, from, to, this.#nowMs);
    this.#end = this.#held.end;
  }

  /** Joins every trace that the round added to. */
  finish(): void {
    for (let number = this.#first; number < this.#end; number += 1) {
      if (this.#held.isNewest(number)) this.#joinTrace(number);
    }
  }

  undo(): void {
    this.#held.disown(this.#first, this.#end);
    for (const place of this.#joined) this.#columns.waits[place] = 1;
  }

  #joinTrace(newest: number): void {
    const before = this.#held.before(newest);
    if (before === -1) {
      this.#joinAlone(newest);
    } else if (this.#held.before(before) !== -1 || !this.#joinPair(before, newest)) {
      this.#joinMany(this.#held.traceOf(newest));
    }
  }

  /** A span that nothing else of its trace is known of. */
  #joinAlone(number: number): void {
    const place = this.#held.placeOf(number);
    if (this.#columns.role[place] === rowRoles.attempt) this.#wait(place);
  }

  /** An exchange and its only attempt, as most traces are, need no more than a look; false for any other two. */
  #joinPair(one: number, other: number): boolean {
    if (one < this.#first) return false;
    const { role, spanHigh, spanLow, parentHigh, parentLow } = this.#columns;
    const [a, b] = [this.#held.placeOf(one), this.#held.placeOf(other)];
    const server = role[a] === rowRoles.exchange ? a : b;
    const client = server === a ? b : a;
    if (role[server] !== rowRoles.exchange || role[client] !== rowRoles.attempt) return false;
    return parentHigh[client] === spanHigh[server] && parentLow[client] === spanLow[server];
  }

  /** `numbers`: the spans of a trace, oldest first. */
  #joinMany(numbers: readonly number[]): void {
    const trace = this.#traceOf(numbers);
    const touched = new Set<Exchange>();
    for (const number of numbers) {
      const place = this.#held.placeOf(number);
      if (this.#columns.role[place] !== rowRoles.attempt) continue;
      const above = exchangeAbove(this.#parentAt(place), trace.exchanges, trace.parents);
      const isNew = number >= this.#first;
      if (above === undefined) {
        if (isNew) this.#wait(place);
        continue;
      }
      const isJoined = this.#join(place, isNew);
      if (isJoined) touched.add(above);
      above.calls.push({ place, isJoined });
    }
    for (const exchange of touched) this.#count(exchange);
  }

  /** The exchanges of a trace, and what leads to them. */
  #traceOf(numbers: readonly number[]) {
    const exchanges = new Map<number, Exchange>();
    const parents = new Map<number, number>();
    for (const number of numbers) {
      const place = this.#held.placeOf(number);
      const role = this.#columns.role[place];
      const key = this.#keyAt(place);
      if (role === rowRoles.internal) parents.set(key, this.#parentAt(place));
      if (role !== rowRoles.exchange || exchanges.has(key)) continue;
      exchanges.set(key, { place, calls: [] });
    }
    return { exchanges, parents };
  }

  /** Whether an attempt comes to its exchange only now. */
  #join(place: number, isNew: boolean): boolean {
    if (isNew) return true;
    if (this.#columns.waits[place] !== 1) return false;
    this.#resolve(place);
    return true;
  }

  #wait(place: number): void {
    const { parentHigh, parentLow, waits, position } = this.#columns;
    if (parentHigh[place] === 0 && parentLow[place] === 0) return;
    waits[place] = 1;
    this.waiting.push({ position: position[place] ?? 0, ...this.#held.spanKey(place) });
  }

  #resolve(place: number): void {
    this.#columns.waits[place] = 0;
    this.#joined.push(place);
    this.resolved.push(this.#held.spanKey(place));
  }

  #count({ place, calls }: Exchange): void {
    if (calls.length < 2) return;
    const now = calls.map((call) => this.#callAt(call.place));
    const before = now.filter((_, at) => calls[at]?.isJoined === false);
    const changes = difference(relationsWithin(now), relationsWithin(before));
    const proxyId = this.#columns.proxyId[place] ?? 0;
    this.relations.push(...changes.map((change) => ({ proxyId, ...change })));
  }

  #callAt(place: number): Call<number> {
    const { call, spanLow } = this.#columns;
    const attempt = tryAt(this.#columns, place);
    return { attempt, call: call[place] ?? 0, order: spanLow[place] ?? 0 };
  }

  #keyAt(place: number): number {
    const { spanHigh, spanLow } = this.#columns;
    return keyOf(spanHigh[place] ?? 0, spanLow[place] ?? 0);
  }

  #parentAt(place: number): number {
    const { parentHigh, parentLow } = this.#columns;
    return keyOf(parentHigh[place] ?? 0, parentLow[place] ?? 0);
  }
}

/** An exchange of a trace, by its place in the ring. */
interface Exchange {
  readonly place: number;
  /** Its attempts, and whether each was joined to it only now. */
  readonly calls: { readonly place: number; readonly isJoined: boolean }[];
}

function tryAt(columns: HeldSpans, place: number): Try<number> {
  const { startUs, durationUs, status, errorType, tlsReason, canceled } = columns;
  const endpoint = columns.endpointId[place] ?? 0;
  const duration = durationUs[place] ?? -1;
  return {
    upstream: columns.upstreamId[place] ?? 0,
    endpoint: endpoint === 0 ? null : endpoint,
    startUs: startUs[place] ?? 0,
    durationUs: duration < 0 ? null : duration,
    status: status[place] || null,
    errorType: errorTypeCodes.wordOf(errorType[place] ?? 0),
    tlsReason: tlsReasonCodes.wordOf(tlsReason[place] ?? 0),
    canceled: canceled[place] === 1,
  };
}

function difference(
  now: readonly Relation<number>[],
  before: readonly Relation<number>[],
): Omit<RelationChange, "proxyId">[] {
  const gone = [...before];
  const changes: Omit<RelationChange, "proxyId">[] = [];
  for (const relation of now) {
    const place = gone.findIndex((other) => same(relation, other));
    if (place >= 0) gone.splice(place, 1);
    else changes.push({ relation, count: 1 });
  }
  return [...changes, ...gone.map((relation) => ({ relation, count: -1 as const }))];
}

/** Two relations of one exchange are the same when they leave the same attempt for the same reason and target. */
function same(a: Relation<number>, b: Relation<number>): boolean {
  return (
    a.atUs === b.atUs &&
    a.kind === b.kind &&
    a.from === b.from &&
    a.to === b.to &&
    a.cause === b.cause
  );
}
