import type { Attempt, Exchange } from "#lib/core/exchange.ts";
import { relationsOf, type Relation } from "#lib/core/relations.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";

import { attemptOfSpan, exchangeOfSpan } from "./span.ts";

const internalKind = 1;
const serverKind = 2;
const clientKind = 3;

/** Spans of one payload; `base` is added to their positions, as several payloads make one block. */
export interface PlacedSpans {
  readonly base: number;
  readonly spans: readonly SpanRecord[];
}

/** An exchange and the place of its span in the block. */
export interface PlacedExchange {
  readonly position: number;
  readonly exchange: Exchange;
}

/** An attempt, its span, and the place of that in the block. */
export interface PlacedAttempt {
  readonly position: number;
  readonly attempt: Attempt;
  readonly span: SpanRecord;
  /** True while the exchange that it belongs to has not been seen. */
  readonly waiting: boolean;
}

/** A relation that came to be (1), or one counted earlier that a late attempt showed to be wrong (-1). */
export interface RelationChange {
  readonly proxy: string;
  readonly relation: Relation;
  readonly count: 1 | -1;
}

/** What a list of spans adds to what was known before. */
export interface AssembledSpans {
  readonly exchanges: readonly PlacedExchange[];
  readonly attempts: readonly PlacedAttempt[];
  readonly relations: readonly RelationChange[];
  /** Attempts of earlier lists that waited, and whose exchange is known now. */
  readonly resolved: readonly SpanRecord[];
  /** Takes it all back, for spans that could not be stored. */
  undo(): void;
}

export interface AssemblyLimits {
  /** How long a trace is remembered after its first span, in milliseconds. */
  readonly keepMs: number;
  /** Most traces remembered; beyond it the oldest is forgotten first. */
  readonly tracesMax: number;
}

/** What is held of an attempt: not its span, which is large. */
interface Client {
  readonly attempt: Attempt;
  /** Attempts at the same thing have the same call. */
  readonly call: number;
  /** Orders attempts that began at the same time, whatever the order of their arrival. */
  readonly order: number;
}

interface WaitingClient extends Client {
  readonly span: SpanRecord;
}

interface Server {
  readonly spanKey: number;
  readonly proxy: string;
  clients: Client[];
  counted: readonly Relation[];
}

interface Trace {
  readonly key: number;
  readonly seenMs: number;
  /** The round that touched it last. */
  round: number;
  servers: Server[];
  waiting: WaitingClient[];
  /** Parents of INTERNAL spans, to climb from a CLIENT span to its SERVER span. */
  parents: Map<number, number> | null;
}

/** Ancestors climbed before an attempt counts as having no exchange. */
const climbMax = 64;
/** Held per trace and per exchange; no proxy makes as many attempts, and a batch job's calls are none. */
const serversMax = 500;
const internalsMax = 5_000;
const clientsMax = 200;

/**
 * Joins CLIENT spans to their SERVER spans in whichever order they arrive, and counts retries, failovers
 * and fallbacks exactly once: the sums of all changes are those of the whole trace, however it was split.
 * Holds traces for a bounded time and number; attempts that it forgot while they waited are the sweep's.
 */
export class TraceAssembly {
  readonly #limits: AssemblyLimits;
  readonly #traces = new Map<number, Trace>();
  #rounds = 0;

  constructor(limits: AssemblyLimits) {
    this.#limits = limits;
  }

  /** How many traces are held. */
  get size(): number {
    return this.#traces.size;
  }

  /** Adds spans that arrived now (epoch milliseconds). */
  take(payloads: readonly PlacedSpans[], nowMs: number): AssembledSpans {
    this.#forget(nowMs);
    this.#rounds += 1;
    const round = new Round(this.#traces, nowMs, this.#rounds);
    for (const { base, spans } of payloads) {
      for (const span of spans) round.see(span, base + span.position);
    }
    return round.finish();
  }

  #forget(nowMs: number): void {
    for (const [key, trace] of this.#traces) {
      const old = trace.seenMs < nowMs - this.#limits.keepMs;
      if (!old && this.#traces.size <= this.#limits.tracesMax) break;
      this.#traces.delete(key);
    }
  }
}

/** An exchange with all that is known of it, and the spans that tell of it. */
export interface WholeExchange {
  readonly span: SpanRecord;
  readonly exchange: Exchange;
  /** The CLIENT spans of its attempts, in the same order. */
  readonly clients: readonly SpanRecord[];
}

/** The exchanges in the spans of whole traces, each with its attempts in the order they were made. */
export function wholeExchanges(spans: readonly SpanRecord[]): WholeExchange[] {
  const traces = new Map<number, Trace>();
  const round = new Round(traces, 0, 1);
  for (const span of spans) round.see(span, span.position);
  const spanOf = new Map(round.finish().attempts.map(({ attempt, span }) => [attempt, span]));
  const servers = new Map(
    [...traces.values()].flatMap((trace) =>
      trace.servers.map((server) => [server.spanKey, server] as const),
    ),
  );
  return spans.flatMap((span) => {
    if (span.kind !== serverKind || span.http === null) return [];
    const clients = inOrder(servers.get(keyOf(span.spanHigh, span.spanLow))?.clients ?? []);
    const attempts = clients.map(({ attempt }) => attempt);
    const exchange = { ...exchangeOfSpan(span, span.http), attempts };
    return [{ span, exchange, clients: attempts.flatMap((attempt) => spanOf.get(attempt) ?? []) }];
  });
}

interface NewClient {
  readonly position: number;
  readonly span: SpanRecord;
  readonly attempt: Attempt;
}

/** One list of spans while it is being added. */
class Round {
  readonly #traces: Map<number, Trace>;
  readonly #nowMs: number;
  readonly #number: number;
  readonly #exchanges: PlacedExchange[] = [];
  readonly #clients: NewClient[] = [];
  readonly #touched: Trace[] = [];
  /** Copies of the traces that were known before this round, as they were then. */
  readonly #before: Trace[] = [];

  constructor(traces: Map<number, Trace>, nowMs: number, number: number) {
    this.#traces = traces;
    this.#nowMs = nowMs;
    this.#number = number;
  }

  see(span: SpanRecord, position: number): void {
    if (span.kind === internalKind) this.#seeInternal(span);
    if (span.http === null) return;
    if (span.kind === serverKind) {
      this.#exchanges.push({ position, exchange: exchangeOfSpan(span, span.http) });
      this.#seeServer(span);
    } else if (span.kind === clientKind) {
      this.#clients.push({ position, span, attempt: attemptOfSpan(span, span.http) });
    }
  }

  finish(): AssembledSpans {
    const attempts = this.#clients.map((client): PlacedAttempt => {
      const { position, span, attempt } = client;
      const hasParent = span.parentHigh !== 0 || span.parentLow !== 0;
      return { position, attempt, span, waiting: hasParent && !this.#link(client) };
    });
    const resolved = this.#resolveWaiting();
    return {
      exchanges: this.#exchanges,
      attempts,
      relations: this.#changes(),
      resolved,
      undo: () => this.#undo(),
    };
  }

  #seeServer(span: SpanRecord): void {
    const trace = this.#open(span);
    const spanKey = keyOf(span.spanHigh, span.spanLow);
    if (trace.servers.length >= serversMax) return;
    if (trace.servers.some((known) => known.spanKey === spanKey)) return;
    trace.servers.push({ spanKey, proxy: span.service, clients: [], counted: noRelations });
  }

  #seeInternal(span: SpanRecord): void {
    const trace = this.#open(span);
    trace.parents ??= new Map();
    if (trace.parents.size >= internalsMax) return;
    trace.parents.set(keyOf(span.spanHigh, span.spanLow), keyOf(span.parentHigh, span.parentLow));
  }

  /** Joins the attempt to its exchange, or lets it wait; tells whether it was joined. */
  #link({ span, attempt }: NewClient): boolean {
    const trace = this.#open(span);
    const client = { attempt, call: callOf(span), order: span.spanLow };
    if (join(trace, span, client)) return true;
    if (trace.waiting.length < clientsMax) trace.waiting.push({ ...client, span });
    return false;
  }

  /** Joins attempts that waited before this round and whose exchange is known now. */
  #resolveWaiting(): SpanRecord[] {
    const resolved: SpanRecord[] = [];
    for (const before of this.#before) {
      const trace = this.#traces.get(before.key);
      if (trace === undefined || before.waiting.length === 0) continue;
      const joined = new Set(before.waiting.filter((client) => join(trace, client.span, client)));
      if (joined.size === 0) continue;
      trace.waiting = trace.waiting.filter((client) => !joined.has(client));
      for (const { span } of joined) resolved.push(span);
    }
    return resolved;
  }

  #changes(): RelationChange[] {
    const changes: RelationChange[] = [];
    for (const trace of this.#touched) {
      for (const server of trace.servers) {
        if (server.clients.length < 2) continue;
        const relations = relationsWithin(server.clients);
        changes.push(...difference(server.proxy, relations, server.counted));
        server.counted = relations;
      }
    }
    return changes;
  }

  /** The span's trace, copied before its first change in this round so that the round can be undone. */
  #open(span: SpanRecord): Trace {
    const key = keyOf(span.traceHigh, span.traceLow);
    let trace = this.#traces.get(key);
    if (trace === undefined) {
      const round = this.#number;
      trace = { key, seenMs: this.#nowMs, round, servers: [], waiting: [], parents: null };
      this.#traces.set(key, trace);
      this.#touched.push(trace);
    } else if (trace.round !== this.#number) {
      this.#before.push(copyOf(trace));
      trace.round = this.#number;
      this.#touched.push(trace);
    }
    return trace;
  }

  #undo(): void {
    for (const trace of this.#touched) this.#traces.delete(trace.key);
    for (const trace of this.#before) this.#traces.set(trace.key, trace);
  }
}

const noRelations: readonly Relation[] = [];

function copyOf(trace: Trace): Trace {
  const servers = trace.servers.map((server) => ({ ...server, clients: [...server.clients] }));
  return { ...trace, servers, waiting: [...trace.waiting] };
}

/** Adds the attempt to the exchange above its span; false when none is known. */
function join(trace: Trace, span: SpanRecord, { attempt, call, order }: Client): boolean {
  let ancestor: number | undefined = keyOf(span.parentHigh, span.parentLow);
  for (let climbed = 0; ancestor !== undefined && climbed < climbMax; climbed += 1) {
    const key: number = ancestor;
    const server = trace.servers.find((candidate) => candidate.spanKey === key);
    if (server !== undefined) {
      if (server.clients.length < clientsMax) server.clients.push({ attempt, call, order });
      return true;
    }
    ancestor = trace.parents?.get(key);
  }
  return false;
}

/**
 * Relations between the attempts at one thing: an exchange may ask its upstreams for several,
 * and only attempts with the same method and path are tries at the same (reference/otlp.md §3c).
 */
function relationsWithin(clients: readonly Client[]): readonly Relation[] {
  const groups = Map.groupBy(inOrder(clients), ({ call }) => call);
  return [...groups.values()].flatMap((group) => relationsOf(group.map(({ attempt }) => attempt)));
}

/** By start, so that the order of arrival never matters. */
function inOrder(clients: readonly Client[]): readonly Client[] {
  return clients.toSorted((a, b) => a.attempt.startUs - b.attempt.startUs || a.order - b.order);
}

/**
 * A number that is the same for attempts at the same thing. Mirrors are asked under base paths of their own,
 * so that a path counts from its first element with a dot: there a module's path begins.
 */
function callOf(span: SpanRecord): number {
  const path = span.http?.path ?? "";
  const dot = path.indexOf(".");
  let hash = dot < 0 ? 17 : 19;
  for (let at = dot < 0 ? 0 : path.lastIndexOf("/", dot) + 1; at < path.length; at += 1) {
    hash = (Math.imul(hash, 31) + path.charCodeAt(at)) | 0;
  }
  const method = span.http?.method ?? "";
  for (let at = 0; at < method.length; at += 1) {
    hash = (Math.imul(hash, 31) + method.charCodeAt(at)) | 0;
  }
  return hash;
}

function difference(
  proxy: string,
  now: readonly Relation[],
  before: readonly Relation[],
): RelationChange[] {
  const gone = [...before];
  const changes: RelationChange[] = [];
  for (const relation of now) {
    const place = gone.findIndex((other) => same(relation, other));
    if (place >= 0) gone.splice(place, 1);
    else changes.push({ proxy, relation, count: 1 });
  }
  return [...changes, ...gone.map((relation): RelationChange => ({ proxy, relation, count: -1 }))];
}

/** Two relations of one exchange are the same when they leave the same attempt for the same reason and target. */
function same(a: Relation, b: Relation): boolean {
  return (
    a.atUs === b.atUs &&
    a.kind === b.kind &&
    a.from === b.from &&
    a.to === b.to &&
    a.cause === b.cause
  );
}

/** 53 of the 64 bits of an id as a number, which is enough to tell apart what is held at one time. */
function keyOf(high: number, low: number): number {
  return (high & 0x1f_ffff) * 4_294_967_296 + low;
}
