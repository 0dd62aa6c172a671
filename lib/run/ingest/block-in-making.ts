import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync } from "node:zlib";

import { boundsOf } from "#lib/core/bounds.ts";
import { moduleEndpointCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { ModulePrefixes } from "#lib/core/module-prefix.ts";
import { rowRoles } from "#lib/core/record-rows.ts";
import type { Scratch } from "#lib/core/scratch.ts";
import { TraceEntries } from "#lib/core/trace-entries.ts";
import type { SpanKey } from "#lib/normalize/span-ring.ts";
import type { JoinedSpans, TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import type { Accumulator } from "#lib/rollup/accumulate.ts";
import type { BatchRows, Place, Signal } from "#lib/store/batch-rows.ts";
import type { WaitingKey } from "#lib/store/waiting.ts";

import type { CountedPrefix } from "./counted-prefixes.ts";
import { FactsAt } from "./facts-at.ts";
import { type NameIds, noRowIds } from "./name-ids.ts";
import type { Prepared } from "./prepared.ts";
import { type Member, RecordWriter } from "./record-writer.ts";

const compress = promisify(zstdCompress);
/** Half the time of level 3 for the same size, as ids that nothing compresses are most of what is left. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 };
/** Each further piece of the result costs a turn of the event loop. */
const pieceBytes = { min: 16_384, max: 4_194_304 };

/** Up to this many bytes, handing them to another thread and back takes longer than the work itself. */
const atOnceBytes = 131_072;

const dayMs = 86_400_000;
const dayUs = dayMs * 1000;
const newline = 10;

/** Of one block before compression, unless a single request is larger: whoever reads one record decompresses its block. */
export const blockBytesMax = 1_048_576;

/** A payload as it is stored; a large one is compressed on another thread. */
export async function compressedBlock(payload: Uint8Array): Promise<Uint8Array> {
  const expected = Math.ceil(payload.byteLength / 4);
  const chunkSize = Math.min(Math.max(pieceBytes.min, expected), pieceBytes.max);
  const options = { params, chunkSize };
  return payload.byteLength <= atOnceBytes
    ? zstdCompressSync(payload, options)
    : compress(payload, options);
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
  return [...groups.values()]
    .flatMap(inBlocks)
    .map((members) => new BlockInMaking(members, nextId(), receivedMs));
}

function inBlocks(requests: readonly Prepared[]): Prepared[][] {
  const blocks: Prepared[][] = [];
  let bytes = Infinity;
  for (const request of requests) {
    const { byteLength } = request.payload;
    if (bytes + byteLength > blockBytesMax) {
      blocks.push([]);
      bytes = 0;
    }
    blocks.at(-1)?.push(request);
    bytes += byteLength;
  }
  return blocks;
}

/** One block, its narrow rows and its sums, on their way into the database. */
export class BlockInMaking {
  readonly project: number;
  readonly id: number;
  readonly signal: Signal;
  readonly #receivedMs: number;
  readonly #members: readonly Member[];
  readonly #records: number;
  readonly source: Source;
  #joined: JoinedSpans | null = null;

  constructor(requests: readonly Prepared[], id: number, receivedMs: number) {
    let records = 0;
    this.#members = requests.map((request) => {
      const base = records;
      records += request.records;
      return { request, base, ids: noRowIds };
    });
    this.#records = records;
    this.id = id;
    this.#receivedMs = receivedMs;
    this.project = requests[0]?.project ?? 0;
    this.signal = requests[0]?.signal ?? "traces";
    this.source = this.signal === "traces" ? "spans" : "logs";
  }

  /** Looks up the ids of all names; comes before everything that needs them. */
  async resolveNames(nameIds: NameIds): Promise<void> {
    for (const member of this.#members) {
      member.ids = await nameIds.of(this.project, member.request.rows.names);
    }
  }

  /** Joins the spans of the block to those seen before. */
  assemble(assembly: TraceAssembly, nowMs: number): void {
    if (this.source !== "spans") return;
    const payloads = this.#members.map(({ request, base, ids }) => ({
      project: this.project,
      base,
      rows: request.rows,
      ids,
    }));
    this.#joined = assembly.take(payloads, nowMs);
  }

  undoAssembly(): void {
    this.#joined?.undo();
  }

  /** Attempts that waited in the database and whose exchange came with this block. */
  resolved(): WaitingKey[] {
    return (this.#joined?.resolved ?? []).map(waitingKeyOf);
  }

  /** The payload of the block: OTLP requests and lines both concatenate into one of their kind. */
  async compressed(scratch: Scratch): Promise<Uint8Array> {
    const payload = this.#payload(scratch);
    const stored = await compressedBlock(payload);
    scratch.give(payload);
    return stored;
  }

  /** Midnights, in epoch milliseconds, of the days from the first to the last on which the block's records began. */
  days(): number[] {
    return startDays(this.#starts());
  }

  write(batch: BatchRows, sums: Accumulator, payload: Uint8Array): void {
    const traces = new TraceEntries();
    this.#writeBlock(batch, payload);
    for (const member of this.#members) {
      new RecordWriter(this, member, { batch, sums, traces }).write();
      this.#sumRelations(member, sums);
    }
    const { id, project } = this;
    batch.addTraces({ id, project, receivedMs: this.#receivedMs }, traces);
    for (const { proxyId, relation, count } of this.#joined?.relations ?? []) {
      const { kind, cause, atUs, from, to } = relation;
      const facts = { kind, cause, atUs, fromId: from, toId: to, count };
      sums.addRelation(this.project, "spans", proxyId, facts);
    }
    for (const { position, ...key } of this.#joined?.waiting ?? []) {
      const { traceHash, spanHash } = waitingKeyOf(key);
      batch.addWaiting(this.#place(position), this.#receivedMs, traceHash, spanHash);
    }
  }

  /** Adds the exchanges of modules under a prefix to its sums, where the block is one that ingest counts for it. */
  countModules(sums: Accumulator, prefixes: ModulePrefixes<CountedPrefix>): void {
    if (prefixes.isEmpty) return;
    for (const member of this.#members) this.#countModulesOf(member, sums, prefixes);
  }

  #countModulesOf(
    { request: { rows }, ids }: Member,
    sums: Accumulator,
    prefixes: ModulePrefixes<CountedPrefix>,
  ): void {
    const { role, module, moduleEndpoint, proxy } = rows.columns;
    const facts = new FactsAt(rows.columns);
    for (let at = 0; at < rows.length; at += 1) {
      const name = rows.names.module.texts[(module[at] ?? 0) - 1];
      if (role[at] !== rowRoles.exchange || name === undefined) continue;
      if (moduleEndpoint[at] === sumdbCode) continue;
      for (const { id, firstBlockId } of prefixes.above(name)) {
        if (this.id < firstBlockId) continue;
        const proxyId = ids.proxy[proxy[at] ?? 0] ?? 0;
        sums.addModule(this.project, this.source, proxyId, id, facts.of(at));
      }
    }
  }

  /** The first and the last start in each request. */
  #starts(): number[] {
    return this.#members.flatMap(({ request: { rows } }) =>
      boundsOf(rows.columns.startUs, rows.length),
    );
  }

  #place(position: number): Place {
    return { project: this.project, blockId: this.id, position };
  }

  #payload(scratch: Scratch): Buffer {
    const isLines = this.signal === "access-logs";
    const parts = this.#members.map(({ request }) => request.payload);
    const isOpen = (part: Uint8Array): boolean => isLines && part.at(-1) !== newline;
    const bytes = parts.reduce((sum, part) => sum + part.byteLength + Number(isOpen(part)), 0);
    const payload = scratch.take(bytes);
    let end = 0;
    for (const part of parts) {
      payload.set(part, end);
      end += part.byteLength;
      if (isOpen(part)) payload[end++] = newline;
    }
    return payload;
  }

  #writeBlock(rows: BatchRows, payload: Uint8Array): void {
    const first = this.#members[0]?.request;
    if (first === undefined) return;
    rows.addBlock({
      id: this.id,
      project: this.project,
      receivedMs: this.#receivedMs,
      signal: this.signal,
      stream: first.stream,
      records: this.#records,
      rawBytes: this.#members.reduce((sum, { request }) => sum + request.payload.byteLength, 0),
      payload,
    });
  }

  /** Those among the attempts that single records tell of. */
  #sumRelations({ request: { rows }, ids }: Member, sums: Accumulator): void {
    for (const { proxy, kind, cause, atUs, from, to } of rows.relations) {
      sums.addRelation(this.project, this.source, ids.proxy[proxy] ?? 0, {
        kind,
        cause,
        atUs,
        fromId: ids.upstream[from] ?? 0,
        toId: ids.upstream[to] ?? 0,
        count: 1,
      });
    }
  }
}

const sumdbCode = moduleEndpointCodes.codeOf("sumdb");

function waitingKeyOf(key: SpanKey): WaitingKey {
  return {
    traceHash: { high: key.traceHigh, low: key.traceLow },
    spanHash: { high: key.spanHigh, low: key.spanLow },
  };
}
