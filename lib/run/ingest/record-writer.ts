import type { Source } from "#lib/core/exchange.ts";
import { intAt, halfAt } from "#lib/core/number-at.ts";
import { type RowNameKind, rowRoles } from "#lib/core/record-rows.ts";
import type { TraceEntries } from "#lib/core/trace-entries.ts";
import type { Accumulator } from "#lib/rollup/accumulate.ts";
import type { BatchRows, Place } from "#lib/store/batch-rows.ts";

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
  readonly #facts: FactsAt;

  constructor(block: Block, member: Member, targets: RecordTargets) {
    this.#block = block;
    this.#member = member;
    this.#targets = targets;
    this.#facts = new FactsAt(member.request.rows.columns);
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
    const proxyId = intAt(ids.proxy, intAt(columns.proxy, at));
    const moduleId = intAt(ids.module, intAt(columns.module, at));
    this.#targets.batch.addExchange(this.#place(at), { source, proxyId, moduleId }, columns, at);
    this.#targets.sums.addExchange(project, source, proxyId, this.#facts.of(at));
  }

  #writeAttempt(at: number): void {
    const { project, source } = this.#block;
    const { request, ids } = this.#member;
    const { columns } = request.rows;
    const proxyId = intAt(ids.proxy, intAt(columns.proxy, at));
    const upstreamId = intAt(ids.upstream, intAt(columns.upstream, at));
    const endpointId = intAt(ids.endpoint, intAt(columns.endpoint, at));
    const numbers = { source, proxyId, upstreamId, endpointId };
    this.#targets.batch.addAttempt(this.#place(at), numbers, columns, at);
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

  #place(at: number): Place {
    const { position } = this.#member.request.rows.columns;
    const { project, id: blockId } = this.#block;
    return { project, blockId, position: this.#member.base + intAt(position, at) };
  }
}

function isAttempt(role: number | undefined): boolean {
  return role === rowRoles.attempt || role === rowRoles.toldAttempt;
}
