import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";

import type { Attempt, Exchange, Source } from "#lib/core/exchange.ts";
import type { ModulePrefixes } from "#lib/core/module-prefix.ts";
import { relationsOf } from "#lib/core/relations.ts";
import { TraceEntries } from "#lib/core/trace-entries.ts";
import type { SpanRecord } from "#lib/decode/otlp-traces.ts";
import type { AssembledSpans, TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import type { Accumulator } from "#lib/rollup/accumulate.ts";
import type { BatchRows, Place } from "#lib/store/batch-rows.ts";
import type { NameKind } from "#lib/store/names.ts";
import type { WaitingKey } from "#lib/store/waiting.ts";

import type { CountedPrefix } from "./counted-prefixes.ts";
import type { PlacedLine, Prepared } from "./prepared.ts";

const compress = promisify(zstdCompress);
/** Level 3 has the best ratio of size to time (reference/otlp.md §2a). */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

const dayMs = 86_400_000;
const dayUs = dayMs * 1000;
const newline = Buffer.from("\n");

/** The dictionary number of a name; 0 for null. */
export type NameLookup = (kind: NameKind, name: string | null) => number;

/** A payload as it is stored. */
export function compressedBlock(payload: Uint8Array): Promise<Uint8Array> {
  return compress(payload, compression);
}

/** Midnights, in epoch milliseconds, of the days from the first to the last of the times. */
export function startDays(timesUs: Iterable<number>): number[] {
  let first = Infinity;
  let last = -Infinity;
  for (const timeUs of timesUs) {
    if (timeUs < first) first = timeUs;
    if (timeUs > last) last = timeUs;
  }
  const days: number[] = [];
  for (let day = Math.floor(first / dayUs); day <= last / dayUs; day += 1) days.push(day * dayMs);
  return days;
}

/** Requests whose payloads make one block: of one project and signal, and read in the same way. */
export function blocksOf(
  requests: readonly Prepared[],
  nextId: () => number,
  receivedMs: number,
): BlockInMaking[] {
  const kept = requests.filter(({ keepsPayload }) => keepsPayload);
  const groups = Map.groupBy(kept, ({ project, signal, stream }) =>
    JSON.stringify([project, signal, stream]),
  );
  return [...groups.values()].map((members) => new BlockInMaking(members, nextId(), receivedMs));
}

/** One block, its narrow rows and its sums, on their way into the database. */
export class BlockInMaking {
  readonly project: number;
  readonly id: number;
  readonly #receivedMs: number;
  readonly #members: readonly { readonly request: Prepared; readonly base: number }[];
  readonly #records: number;
  #assembled: AssembledSpans | null = null;

  constructor(requests: readonly Prepared[], id: number, receivedMs: number) {
    let records = 0;
    this.#members = requests.map((request) => {
      const base = records;
      records += request.records;
      return { request, base };
    });
    this.#records = records;
    this.id = id;
    this.#receivedMs = receivedMs;
    this.project = requests[0]?.project ?? 0;
  }

  /** Joins the spans of the block to those seen before. */
  assemble(assembly: TraceAssembly, nowMs: number): void {
    const payloads = this.#members.map(({ request, base }) => ({ base, spans: request.spans }));
    this.#assembled = assembly.take(payloads, nowMs);
  }

  undoAssembly(): void {
    this.#assembled?.undo();
  }

  /** Attempts that waited in the database and whose exchange came with this block. */
  resolved(): WaitingKey[] {
    return (this.#assembled?.resolved ?? []).map(keyOf);
  }

  /** The payload of the block: OTLP requests and lines both concatenate into one of their kind. */
  async compressed(): Promise<Uint8Array> {
    return compressedBlock(this.#payload());
  }

  wantedNames(): Partial<Record<NameKind, ReadonlySet<string>>> {
    const wanted = {
      proxy: new Set<string>(),
      upstream: new Set<string>(),
      endpoint: new Set<string>(),
      module: new Set<string>(),
    };
    const addAttempt = (attempt: Attempt): void => {
      wanted.upstream.add(attempt.upstream);
      if (attempt.endpoint !== null) wanted.endpoint.add(attempt.endpoint);
    };
    for (const { exchange } of this.#exchanges()) {
      wanted.proxy.add(exchange.proxy);
      if (exchange.module !== null) wanted.module.add(exchange.module.module);
      exchange.attempts.forEach(addAttempt);
    }
    for (const { span, attempt } of this.#assembled?.attempts ?? []) {
      wanted.proxy.add(span.service);
      addAttempt(attempt);
    }
    for (const { proxy, relation } of this.#assembled?.relations ?? []) {
      wanted.proxy.add(proxy);
      wanted.upstream.add(relation.from).add(relation.to);
    }
    return wanted;
  }

  /** Midnights, in epoch milliseconds, of the days from the first to the last on which the block's records began. */
  days(): number[] {
    return startDays(this.#starts());
  }

  write(rows: BatchRows, sums: Accumulator, idOf: NameLookup, payload: Uint8Array): void {
    this.#writeBlock(rows, payload);
    for (const { position, exchange } of this.#exchanges()) {
      this.#writeExchange(rows, sums, idOf, this.#place(position), exchange);
    }
    this.#writeSpanAttempts(rows, sums, idOf);
    this.#writeTraces(rows);
    for (const { proxy, relation, count } of this.#assembled?.relations ?? []) {
      sums.addRelation(this.project, "spans", idOf("proxy", proxy), {
        kind: relation.kind,
        cause: relation.cause,
        atUs: relation.atUs,
        fromId: idOf("upstream", relation.from),
        toId: idOf("upstream", relation.to),
        count,
      });
    }
  }

  /** Adds the exchanges of modules under a prefix to its sums, where the block is one that ingest counts for it. */
  countModules(sums: Accumulator, idOf: NameLookup, prefixes: ModulePrefixes<CountedPrefix>): void {
    if (prefixes.isEmpty) return;
    for (const { exchange } of this.#exchanges()) {
      const { module, source, proxy } = exchange;
      if (module === null || module.endpoint === "sumdb") continue;
      for (const { id, firstBlockId } of prefixes.above(module.module)) {
        if (this.id < firstBlockId) continue;
        sums.addModule(this.project, source, idOf("proxy", proxy), id, exchange);
      }
    }
  }

  *#starts(): Generator<number> {
    for (const { request } of this.#members) {
      for (const span of request.spans) yield span.startUs;
      for (const { exchange } of request.lines) {
        yield exchange.startUs;
        for (const attempt of exchange.attempts) yield attempt.startUs;
      }
    }
  }

  #exchanges(): PlacedLine[] {
    const lines = this.#members.flatMap(({ request, base }) =>
      request.lines.map(({ position, exchange }) => ({ position: base + position, exchange })),
    );
    return [...lines, ...(this.#assembled?.exchanges ?? [])];
  }

  #place(position: number): Place {
    return { project: this.project, blockId: this.id, position };
  }

  #payload(): Buffer {
    const parts = this.#members.map(({ request }) => request.payload);
    if (this.#members[0]?.request.signal !== "access-logs") return Buffer.concat(parts);
    return Buffer.concat(
      parts.flatMap((part) => (part.at(-1) === newline[0] ? [part] : [part, newline])),
    );
  }

  #writeBlock(rows: BatchRows, payload: Uint8Array): void {
    const first = this.#members[0]?.request;
    if (first === undefined) return;
    rows.addBlock({
      id: this.id,
      project: this.project,
      receivedMs: this.#receivedMs,
      signal: first.signal,
      stream: first.stream,
      records: this.#records,
      rawBytes: this.#members.reduce((sum, { request }) => sum + request.payload.byteLength, 0),
      digests: Buffer.from(this.#members.map(({ request }) => request.digest).join(""), "hex"),
      payload,
    });
  }

  #writeExchange(
    rows: BatchRows,
    sums: Accumulator,
    idOf: NameLookup,
    place: Place,
    exchange: Exchange,
  ): void {
    const { source } = exchange;
    const proxyId = idOf("proxy", exchange.proxy);
    rows.addExchange(place, proxyId, idOf("module", exchange.module?.module ?? null), exchange);
    sums.addExchange(this.project, source, proxyId, exchange);
    for (const [ordinal, attempt] of exchange.attempts.entries()) {
      const { traceHash } = exchange;
      const upstreamId = idOf("upstream", attempt.upstream);
      const endpointId = idOf("endpoint", attempt.endpoint);
      const ids = { proxyId, upstreamId, endpointId, ordinal, traceHash };
      this.#writeAttempt(rows, sums, place, ids, source, attempt);
    }
    for (const relation of relationsOf(exchange.attempts)) {
      sums.addRelation(this.project, source, proxyId, {
        kind: relation.kind,
        cause: relation.cause,
        atUs: relation.atUs,
        fromId: idOf("upstream", relation.from),
        toId: idOf("upstream", relation.to),
        count: 1,
      });
    }
  }

  #writeAttempt(
    rows: BatchRows,
    sums: Accumulator,
    place: Place,
    ids: Parameters<BatchRows["addAttempt"]>[1],
    source: Source,
    attempt: Attempt,
  ): void {
    rows.addAttempt(place, ids, source, attempt);
    sums.addAttempt(this.project, source, ids.proxyId, ids.upstreamId, attempt);
  }

  #writeSpanAttempts(rows: BatchRows, sums: Accumulator, idOf: NameLookup): void {
    for (const { position, span, attempt, waiting } of this.#assembled?.attempts ?? []) {
      const place = this.#place(position);
      const { traceHash, spanHash } = keyOf(span);
      const ids = {
        proxyId: idOf("proxy", span.service),
        upstreamId: idOf("upstream", attempt.upstream),
        endpointId: idOf("endpoint", attempt.endpoint),
        ordinal: 0,
        traceHash,
      };
      this.#writeAttempt(rows, sums, place, ids, "spans", attempt);
      if (waiting) rows.addWaiting(place, this.#receivedMs, traceHash, spanHash);
    }
  }

  #writeTraces(rows: BatchRows): void {
    const traces = new TraceEntries();
    for (const { exchange } of this.#exchanges()) {
      const { traceHash, source } = exchange;
      // No attempt waits for the exchange of a log line: it has its own.
      if (traceHash !== null) traces.add(traceHash.high, traceHash.low, source === "spans");
    }
    for (const { request } of this.#members) {
      for (const span of request.spans) traces.add(span.traceHigh, span.traceLow, false);
    }
    rows.addTraces({ id: this.id, project: this.project, receivedMs: this.#receivedMs }, traces);
  }
}

function keyOf(span: SpanRecord): WaitingKey {
  return {
    traceHash: { high: span.traceHigh, low: span.traceLow },
    spanHash: { high: span.spanHigh, low: span.spanLow },
  };
}
