import type { ClientBase } from "pg";

import {
  cacheCodes,
  errorTypeCodes,
  moduleEndpointCodes,
  sourceCodes,
  tlsReasonCodes,
} from "#lib/core/codes.ts";
import type { Attempt, Bits64, Exchange, Source } from "#lib/core/exchange.ts";
import { attemptFailed, isError } from "#lib/core/outcome.ts";
import type { TraceEntries } from "#lib/core/trace-entries.ts";
import { CopyRows, copyInto } from "#lib/db/copy.ts";

import { segmentColumns, SegmentRows } from "./segment-rows.ts";

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
  /** SHA-1 of each request in the block, 20 bytes each. */
  readonly digests: Uint8Array;
  readonly payload: Uint8Array;
}

/** Where in which block a record stands. */
export interface Place {
  readonly project: number;
  readonly blockId: number;
  readonly position: number;
}

const int4Max = 2_147_483_647;
const noTrace: Bits64 = { high: 0, low: 0 };

/** The records of one batch on their way into one transaction. */
export class BatchRows {
  readonly #blocks = new CopyRows();
  readonly #segments = new SegmentRows();
  readonly #traces = new CopyRows();
  readonly #waiting = new CopyRows();

  addBlock(block: BlockRow): void {
    const rows = this.#blocks;
    rows.row(9);
    rows.timestamp(block.receivedMs * 1000);
    rows.int8(block.id);
    rows.int4(block.records);
    rows.int4(block.rawBytes);
    rows.int2(block.project);
    rows.text(block.signal);
    if (block.stream === null) rows.null();
    else rows.jsonb(block.stream);
    rows.bytes(block.digests);
    rows.bytes(block.payload);
  }

  addExchange(place: Place, proxyId: number, moduleId: number, exchange: Exchange): void {
    const startUs = Math.floor(exchange.startUs);
    const { traces, exchanges } = this.#segments.at(place.project, place.blockId, startUs);
    const { high, low } = exchange.traceHash ?? noTrace;
    const at = exchanges.add(startUs, traces.placeOf(high, low, startUs));
    const { columns } = exchanges;
    columns.position[at] = place.position;
    columns.durationUs[at] = clamped(exchange.durationUs);
    columns.bytes[at] = clamped(exchange.bytes);
    columns.proxyId[at] = proxyId;
    columns.moduleId[at] = moduleId;
    columns.status[at] = exchange.status ?? 0;
    columns.source[at] = sourceCodes.codeOf(exchange.source);
    columns.errorType[at] = errorTypeCodes.codeOf(exchange.errorType);
    columns.cache[at] = cacheCodes.codeOf(exchange.cache);
    columns.moduleEndpoint[at] = moduleEndpointCodes.codeOf(exchange.module?.endpoint ?? null);
    columns.clientTlsReason[at] = tlsReasonCodes.codeOf(exchange.clientTlsReason);
    columns.failed[at] = isError(exchange) ? 1 : 0;
  }

  /** `ordinal` is the attempt's place in its log line; 0 for a span, which is one attempt. */
  addAttempt(place: Place, ids: AttemptIds, source: Source, attempt: Attempt): void {
    const startUs = Math.floor(attempt.startUs);
    const { traces, attempts } = this.#segments.at(place.project, place.blockId, startUs);
    const { high, low } = ids.traceHash ?? noTrace;
    const at = attempts.add(startUs, traces.placeOf(high, low, startUs));
    const { columns } = attempts;
    columns.position[at] = place.position;
    columns.durationUs[at] = clamped(attempt.durationUs);
    columns.proxyId[at] = ids.proxyId;
    columns.upstreamId[at] = ids.upstreamId;
    columns.endpointId[at] = ids.endpointId;
    columns.ordinal[at] = ids.ordinal;
    columns.status[at] = attempt.status ?? 0;
    columns.source[at] = sourceCodes.codeOf(source);
    columns.errorType[at] = errorTypeCodes.codeOf(attempt.errorType);
    columns.tlsReason[at] = tlsReasonCodes.codeOf(attempt.tlsReason);
    columns.failed[at] = attemptFailed(attempt) ? 1 : 0;
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
      append: async (client) => {
        await copyInto(client, "block", blockColumns, this.#blocks);
        await copyInto(client, "segment", segmentColumns, segments);
        await copyInto(client, "trace_batch", traceColumns, this.#traces);
        await copyInto(client, "waiting_attempt", waitingColumns, this.#waiting);
      },
    };
  }
}

/** A batch as it is written. */
export interface PackedRows {
  /** Writes all of it; the caller's transaction makes it visible at once. */
  append(client: ClientBase): Promise<void>;
}

/** The dictionary numbers of an attempt, and its place within its exchange. */
export interface AttemptIds {
  readonly proxyId: number;
  readonly upstreamId: number;
  readonly endpointId: number;
  readonly ordinal: number;
  readonly traceHash: Bits64 | null;
}

const blockColumns = [
  "received_at",
  "id",
  "records",
  "raw_bytes",
  "project_id",
  "signal",
  "stream",
  "digests",
  "payload",
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
function clamped(value: number | null): number {
  return value === null ? -1 : Math.min(Math.max(0, Math.round(value)), int4Max);
}
