import { type RecordRows, rowRoles } from "#lib/core/record-rows.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";

import { addSpan, addToldAttempts } from "./record-rows.ts";
import { tellsAttempts, toldAttemptsOf } from "./told-attempts.ts";
import { exchangeAbove, keyOf } from "./whole-exchanges.ts";

const serverKind = 2;

/** Adds the spans of one request to its rows: each when it is read, and at the end what only all of them tell. */
export class SpanRows {
  readonly #rows: RecordRows;
  /** SERVER spans that tell of attempts. */
  readonly #telling: SpanRecord[] = [];

  constructor(rows: RecordRows) {
    this.#rows = rows;
  }

  add(span: SpanRecord): void {
    addSpan(this.#rows, span);
    if (span.kind !== serverKind || span.http === null) return;
    if (tellsAttempts(span.http)) this.#telling.push(span);
  }

  /** Adds the attempts that SERVER spans tell of, but where CLIENT spans of the same proxy tell of them, too. */
  finish(): void {
    if (this.#telling.length === 0) return;
    const joined = joinedExchanges(this.#rows, this.#telling);
    for (const span of this.#telling) {
      if (span.http === null || joined.has(keyOf(span.spanHigh, span.spanLow))) continue;
      addToldAttempts(this.#rows, span, toldAttemptsOf(span, span.http));
    }
  }
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
