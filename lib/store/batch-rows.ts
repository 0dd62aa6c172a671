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

/** The narrow rows of one batch, ready to be appended in one transaction. */
export class BatchRows {
  readonly #blocks = new CopyRows();
  readonly #exchanges = new CopyRows();
  readonly #attempts = new CopyRows();
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
    const rows = this.#exchanges;
    rows.row(16);
    rows.timestamp(exchange.startUs);
    writeHash(rows, exchange.traceHash);
    rows.int8(place.blockId);
    rows.int4(place.position);
    rows.int4(clamped(exchange.durationUs));
    rows.int4(clamped(exchange.bytes));
    rows.int4(proxyId);
    rows.int4(moduleId);
    rows.int2(place.project);
    rows.int2(exchange.status ?? 0);
    rows.int2(sourceCodes.codeOf(exchange.source));
    rows.int2(errorTypeCodes.codeOf(exchange.errorType));
    rows.int2(cacheCodes.codeOf(exchange.cache));
    rows.int2(moduleEndpointCodes.codeOf(exchange.module?.endpoint ?? null));
    rows.int2(tlsReasonCodes.codeOf(exchange.clientTlsReason));
    rows.boolean(isError(exchange));
  }

  /** `ordinal` is the attempt's place in its log line; 0 for a span, which is one attempt. */
  addAttempt(place: Place, ids: AttemptIds, source: Source, attempt: Attempt): void {
    const rows = this.#attempts;
    rows.row(15);
    rows.timestamp(attempt.startUs);
    writeHash(rows, ids.traceHash);
    rows.int8(place.blockId);
    rows.int4(place.position);
    rows.int4(clamped(attempt.durationUs));
    rows.int4(ids.proxyId);
    rows.int4(ids.upstreamId);
    rows.int4(ids.endpointId);
    rows.int2(place.project);
    rows.int2(ids.ordinal);
    rows.int2(attempt.status ?? 0);
    rows.int2(sourceCodes.codeOf(source));
    rows.int2(errorTypeCodes.codeOf(attempt.errorType));
    rows.int2(tlsReasonCodes.codeOf(attempt.tlsReason));
    rows.boolean(attemptFailed(attempt));
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

  /** Writes all of it; the caller's transaction makes it visible at once. */
  async append(client: ClientBase): Promise<void> {
    await copyInto(client, "block", blockColumns, this.#blocks);
    await copyInto(client, "exchange", exchangeColumns, this.#exchanges);
    await copyInto(client, "attempt", attemptColumns, this.#attempts);
    await copyInto(client, "trace_batch", traceColumns, this.#traces);
    await copyInto(client, "waiting_attempt", waitingColumns, this.#waiting);
  }
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
const exchangeColumns = [
  "started_at",
  "trace_hash",
  "block_id",
  "position",
  "duration_us",
  "bytes",
  "proxy_id",
  "module_id",
  "project_id",
  "status",
  "source",
  "error_type",
  "cache",
  "module_endpoint",
  "client_tls_reason",
  "failed",
];
const attemptColumns = [
  "started_at",
  "trace_hash",
  "block_id",
  "position",
  "duration_us",
  "proxy_id",
  "upstream_id",
  "endpoint_id",
  "project_id",
  "ordinal",
  "status",
  "source",
  "error_type",
  "tls_reason",
  "failed",
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

function writeHash(rows: CopyRows, hash: Bits64 | null): void {
  rows.bits64(hash?.high ?? 0, hash?.low ?? 0);
}

/** -1 stands for not measured; what is larger than the column is cut to its largest value. */
function clamped(value: number | null): number {
  return value === null ? -1 : Math.min(Math.max(0, Math.round(value)), int4Max);
}
