import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";
import type { HttpFacts, SpanRecord } from "#lib/decode/otlp-traces.ts";

import type { CallHabits } from "./call-habits.ts";
import { addSpan, addToldAttempts } from "./record-rows.ts";
import { namesCluster, tellsAttempts, toldAttemptsOf } from "./told-attempts.ts";
import { exchangeAbove, keyOf } from "./whole-exchanges.ts";

const serverKind = 2;
const clientKind = 3;

/** Adds the spans of one request to its rows: each when it is read, and at the end what only all of them tell. */
export class SpanRows {
  readonly #rows: RecordRows;
  readonly #habits: CallHabits;
  /** SERVER spans that tell of attempts. */
  readonly #telling: TellingSpan[] = [];
  /** The proxy of the last CLIENT span, until another comes in between: most requests are one proxy's. */
  #caller: string | null = null;

  constructor(rows: RecordRows, habits: CallHabits) {
    this.#rows = rows;
    this.#habits = habits;
  }

  add(span: SpanRecord): void {
    addSpan(this.#rows, span);
    const { kind, http, service } = span;
    if (http === null) return;
    if (kind === clientKind) {
      if (service === this.#caller) return;
      this.#caller = service;
      this.#habits.sawClient(service);
    } else if (kind === serverKind && tellsAttempts(http)) {
      this.#telling.push({ span, http });
      if (!namesCluster(http)) return;
      this.#caller = null;
      this.#habits.sawServer(service);
    }
  }

  /** Adds the attempts that SERVER spans tell of, but where CLIENT spans of the same proxy tell of them, too. */
  finish(): void {
    const telling = this.#telling.filter(
      ({ span, http }) => !namesCluster(http) || this.#habits.sendsNoCalls(span.service),
    );
    if (telling.length === 0) return;
    const joined = joinedExchanges(
      this.#rows,
      telling.map(({ span }) => span),
    );
    for (const { span, http } of telling) {
      if (joined.has(keyOf(span.spanHigh, span.spanLow))) continue;
      addToldAttempts(this.#rows, span, toldAttemptsOf(span, http));
    }
  }
}

/** One that tells of attempts. */
interface TellingSpan {
  readonly span: SpanRecord;
  readonly http: HttpFacts;
}

/** The keys of those among the SERVER spans that are exchanges of CLIENT spans of their own proxy. */
function joinedExchanges(rows: RecordRows, spans: readonly SpanRecord[]): ReadonlySet<number> {
  const { role, proxy } = rows.columns;
  const servers = new Map(spans.map((span) => [keyOf(span.spanHigh, span.spanLow), span] as const));
  const parents = parentsOfInternal(rows);
  const joined = new Set<number>();
  for (let at = 0; at < rows.length; at += 1) {
    if (role[at] !== rowRoles.attempt) continue;
    const server = exchangeAbove(parentAt(rows, at), servers, parents);
    if (server === undefined || proxy[at] !== rows.names.proxy.numberOf(server.service)) continue;
    joined.add(keyOf(server.spanHigh, server.spanLow));
  }
  return joined;
}

function parentsOfInternal(rows: RecordRows): ReadonlyMap<number, number> {
  const { role, spanHigh, spanLow } = rows.columns;
  const parents = new Map<number, number>();
  for (let at = 0; at < rows.length; at += 1) {
    if (role[at] !== rowRoles.internal) continue;
    parents.set(keyOf(spanHigh[at] ?? 0, spanLow[at] ?? 0), parentAt(rows, at));
  }
  return parents;
}

function parentAt(rows: RecordRows, at: number): number {
  const { parentHigh, parentLow } = rows.columns;
  return keyOf(parentHigh[at] ?? 0, parentLow[at] ?? 0);
}
