import { type BlockMember, packMembers } from "#lib/core/block-members.ts";
import { sourceCodes } from "#lib/core/codes.ts";
import type { Bits64, Source } from "#lib/core/exchange.ts";
import { doubleAt, intAt, halfAt } from "#lib/core/number-at.ts";
import type { RowColumns } from "#lib/core/record-rows.ts";
import type { TraceEntries } from "#lib/core/trace-entries.ts";
import type { Appends } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";

import { segmentColumns, SegmentRows, type StoredSegment } from "./segment-rows.ts";

/** What kind of telemetry a block holds. */
export type Signal = "traces" | "access-logs" | "logs" | "metrics";

/** A block as it is written: the payload is already compressed. */
export interface BlockRow {
  readonly id: number;
  readonly project: number;
  readonly receivedMs: number;
  readonly signal: Signal;
  /** How the lines of the block are to be read again; null for OTLP. */
  readonly stream: object | null;
  readonly records: number;
  readonly rawBytes: number;
  readonly payload: Uint8Array;
  /** Of a block that was merged from several, in their order. */
  readonly members?: readonly BlockMember[];
}

/** Where in which block a record stands. */
export interface Place {
  readonly project: number;
  readonly blockId: number;
  readonly position: number;
}

const int4Max = 2_147_483_647;

/** The records of one batch on their way into one transaction. */
export class BatchRows {
  readonly #blocks = new CopyRows();
  readonly #segments = new SegmentRows();
  readonly #traces = new CopyRows();
  readonly #waiting = new CopyRows();

  addBlock(block: BlockRow): void {
    const rows = this.#blocks;
    rows.row(10);
    rows.timestamp(block.receivedMs * 1000);
    rows.int8(block.id);
    rows.int4(block.records);
    rows.int4(block.rawBytes);
    rows.int2(block.project);
    rows.text(block.signal);
    if (block.stream === null) rows.null();
    else rows.jsonb(block.stream);
    rows.bytes(block.payload);
    const last = block.members?.at(-1);
    if (block.members === undefined || last === undefined) {
      rows.null();
      rows.null();
      return;
    }
    rows.int8(last.id);
    rows.bytes(packMembers(block.members));
  }

  /** Takes the records of a stored segment over into a merged block. */
  addSegment(segment: StoredSegment, to: Pick<Place, "project" | "blockId">): void {
    this.#segments.copy(segment, to);
  }

  addExchange(place: Place, ids: ExchangeIds, from: RowColumns, at: number): void {
    const startUs = Math.floor(doubleAt(from.startUs, at));
    const { traces, exchanges } = this.#segments.at(place, ids.source, startUs);
    const trace = traces.placeOf(halfAt(from.traceHigh, at), halfAt(from.traceLow, at), startUs);
    const to = exchanges.add(trace);
    exchanges.startUs[to] = startUs;
    const { columns } = exchanges;
    columns.position[to] = place.position;
    columns.durationUs[to] = clamped(doubleAt(from.durationUs, at));
    columns.bytes[to] = clamped(doubleAt(from.bytes, at));
    columns.proxyId[to] = ids.proxyId;
    columns.moduleId[to] = ids.moduleId;
    columns.status[to] = intAt(from.status, at);
    columns.source[to] = sourceCodes.codeOf(ids.source);
    columns.errorType[to] = intAt(from.errorType, at);
    columns.cache[to] = intAt(from.cache, at);
    columns.moduleEndpoint[to] = intAt(from.moduleEndpoint, at);
    columns.clientTlsReason[to] = intAt(from.tlsReason, at);
    columns.failed[to] = intAt(from.failed, at);
  }

  addAttempt(place: Place, ids: AttemptIds, from: RowColumns, at: number): void {
    const startUs = Math.floor(doubleAt(from.startUs, at));
    const { traces, attempts } = this.#segments.at(place, ids.source, startUs);
    const trace = traces.placeOf(halfAt(from.traceHigh, at), halfAt(from.traceLow, at), startUs);
    const to = attempts.add(trace);
    attempts.startUs[to] = startUs;
    const { columns } = attempts;
    columns.position[to] = place.position;
    columns.durationUs[to] = clamped(doubleAt(from.durationUs, at));
    columns.proxyId[to] = ids.proxyId;
    columns.upstreamId[to] = ids.upstreamId;
    columns.endpointId[to] = ids.endpointId;
    columns.ordinal[to] = intAt(from.ordinal, at);
    columns.status[to] = intAt(from.status, at);
    columns.source[to] = sourceCodes.codeOf(ids.source);
    columns.errorType[to] = intAt(from.errorType, at);
    columns.tlsReason[to] = intAt(from.tlsReason, at);
    columns.failed[to] = intAt(from.failed, at);
  }

  /** The traces of a block, for whoever looks for one by its id; nothing for none. */
  addTraces(block: Pick<BlockRow, "id" | "project" | "receivedMs">, traces: TraceEntries): void {
    const entries = traces.pack();
    if (entries.byteLength === 0) return;
    const rows = this.#traces;
    rows.row(4);
    rows.timestamp(block.receivedMs * 1000);
    rows.int8(block.id);
    rows.int2(block.project);
    rows.bytes(entries);
  }

  addWaiting(place: Place, receivedMs: number, traceHash: Bits64, spanHash: Bits64): void {
    const rows = this.#waiting;
    rows.row(6);
    rows.timestamp(receivedMs * 1000);
    writeHash(rows, traceHash);
    writeHash(rows, spanHash);
    rows.int8(place.blockId);
    rows.int4(place.position);
    rows.int2(place.project);
  }

  /** Compresses the segments on other threads, before a transaction holds a connection. */
  async packed(): Promise<PackedRows> {
    const segments = await this.#segments.packed();
    return {
      addTo: (appends) => {
        appends.copy("block", blockColumns, this.#blocks);
        appends.copy("segment", segmentColumns, segments);
        appends.copy("trace_batch", traceColumns, this.#traces);
        appends.copy("waiting_attempt", waitingColumns, this.#waiting);
      },
    };
  }
}

/** A batch as it is written. */
export interface PackedRows {
  /** All of it, once; a transaction makes it visible at once. */
  addTo(appends: Appends): void;
}

/** The dictionary numbers of an exchange. */
export interface ExchangeIds {
  readonly source: Source;
  readonly proxyId: number;
  readonly moduleId: number;
}

/** The dictionary numbers of an attempt. */
export interface AttemptIds {
  readonly source: Source;
  readonly proxyId: number;
  readonly upstreamId: number;
  readonly endpointId: number;
}

const blockColumns = [
  "received_at",
  "id",
  "records",
  "raw_bytes",
  "project_id",
  "signal",
  "stream",
  "payload",
  "last_id",
  "members",
];
const traceColumns = ["received_at", "block_id", "project_id", "entries"];
const waitingColumns = [
  "received_at",
  "trace_hash",
  "span_hash",
  "block_id",
  "position",
  "project_id",
];

function writeHash(rows: CopyRows, { high, low }: Bits64): void {
  rows.bits64(high, low);
}

/** -1 stands for not measured; what is larger than the column is cut to its largest value. */
function clamped(value: number): number {
  return value < 0 ? -1 : Math.min(Math.round(value), int4Max);
}
