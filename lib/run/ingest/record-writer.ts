import type { Source } from "#lib/core/exchange.ts";
import { intAt, halfAt } from "#lib/core/number-at.ts";
import { type RowNameKind, rowRoles } from "#lib/core/record-rows.ts";
import type { TraceEntries } from "#lib/core/trace-entries.ts";
import type { Writable } from "#lib/core/writable.ts";
import type { Accumulator } from "#lib/rollup/accumulate.ts";
import type { AttemptIds, BatchRows, ExchangeIds, Place } from "#lib/store/batch-rows.ts";

import { FactsAt } from "./facts-at.ts";
import type { Prepared } from "./prepared.ts";

/** A request of a block, how many records of the block stand before its own, and the numbers of its names. */
export interface Member {
  readonly request: Prepared;
  readonly base: number;
  ids: Readonly<Record<RowNameKind, Int32Array>>;
}

interface Block {
  readonly project: number;
  readonly id: number;
  readonly source: Source;
}

/** Where the records of a block are written. */
export interface RecordTargets {
  readonly batch: BatchRows;
  readonly sums: Accumulator;
  readonly traces: TraceEntries;
}

/** Writes the records of one request of a block: each as a narrow row, into its sums, and under its trace. */
export class RecordWriter {
  readonly #block: Block;
  readonly #member: Member;
  readonly #targets: RecordTargets;
  // One of each for all records: one for each record would be thousands.
  readonly #facts: FactsAt;
  readonly #place: Writable<Place>;
  readonly #exchange: Writable<ExchangeIds>;
  readonly #attempt: Writable<AttemptIds>;

  constructor(block: Block, member: Member, targets: RecordTargets) {
    this.#block = block;
    this.#member = member;
    this.#targets = targets;
    this.#facts = new FactsAt(member.request.rows.columns);
    const { project, id: blockId, source } = block;
    this.#place = { project, blockId, position: 0 };
    this.#exchange = { source, proxyId: 0, moduleId: 0 };
    this.#attempt = { source, proxyId: 0, upstreamId: 0, endpointId: 0 };
  }

  write(): void {
    const { rows } = this.#member.request;
    const { role } = rows.columns;
    for (let at = 0; at < rows.length; at += 1) {
      this.#writeTrace(at);
      if (role[at] === rowRoles.exchange) this.#writeExchange(at);
      else if (isAttempt(role[at])) this.#writeAttempt(at);
    }
  }

  #writeExchange(at: number): void {
    const { project, source } = this.#block;
    const { request, ids } = this.#member;
    const { columns } = request.rows;
    const exchange = this.#exchange;
    exchange.proxyId = intAt(ids.proxy, intAt(columns.proxy, at));
    exchange.moduleId = intAt(ids.module, intAt(columns.module, at));
    this.#targets.batch.addExchange(this.#placeOf(at), exchange, columns, at);
    this.#targets.sums.addExchange(project, source, exchange.proxyId, this.#facts.of(at));
  }

  #writeAttempt(at: number): void {
    const { project, source } = this.#block;
    const { request, ids } = this.#member;
    const { columns } = request.rows;
    const attempt = this.#attempt;
    attempt.proxyId = intAt(ids.proxy, intAt(columns.proxy, at));
    attempt.upstreamId = intAt(ids.upstream, intAt(columns.upstream, at));
    attempt.endpointId = intAt(ids.endpoint, intAt(columns.endpoint, at));
    this.#targets.batch.addAttempt(this.#placeOf(at), attempt, columns, at);
    const { proxyId, upstreamId } = attempt;
    this.#targets.sums.addAttempt(project, source, proxyId, upstreamId, this.#facts.of(at));
  }

  #writeTrace(at: number): void {
    const { role, traceHigh, traceLow } = this.#member.request.rows.columns;
    const high = halfAt(traceHigh, at);
    const low = halfAt(traceLow, at);
    if (high === 0 && low === 0) return;
    // No attempt waits for the exchange of a log line: it has its own.
    const hasExchange = role[at] === rowRoles.exchange && this.#block.source === "spans";
    this.#targets.traces.add(high, low, hasExchange);
  }

  #placeOf(at: number): Place {
    const { position } = this.#member.request.rows.columns;
    this.#place.position = this.#member.base + intAt(position, at);
    return this.#place;
  }
}

function isAttempt(role: number | undefined): boolean {
  return role === rowRoles.attempt || role === rowRoles.toldAttempt;
}
