import type { Exchange } from "#lib/core/exchange.ts";
import type { Database } from "#lib/db/open.ts";
import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { otlpAccessReader } from "#lib/decode/otlp-access-log.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { exchangeOfRecord, type RecordOrigin } from "#lib/normalize/access-log.ts";
import { namesTrace, wholeTraceId } from "#lib/normalize/trace-id.ts";
import { eachBlock, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { blockTimeMs } from "#lib/store/block-id.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { linesOf } from "../ingest/lines.ts";
import { itemOf, type FoundExchange } from "./item.ts";
import { readBlock } from "./read-block.ts";

/** The exchanges that log lines and log records of blocks tell of. */
export async function logExchangesAt(
  db: Database,
  project: number,
  places: readonly Place[],
  leftOut: LeftOut,
): Promise<Map<Place, FoundExchange>> {
  const found = new Map<Place, FoundExchange>();
  const byBlock = Map.groupBy(places, (place) => place.blockId);
  for await (const block of eachBlock(db, project, [...byBlock.keys()], leftOut)) {
    readMembers(block, byBlock.get(block.id) ?? [], leftOut, found);
  }
  return found;
}

/** An exchange that a record of a block tells of, and its place there. */
export interface LoggedExchange {
  readonly place: { readonly blockId: number; readonly position: number };
  readonly exchange: Exchange;
}

/** The exchanges of a block of log lines or log records whose records name the trace. */
export function* logExchangesOfTrace(block: Block, traceId: string): Generator<LoggedExchange> {
  const isText = block.signal === "access-logs";
  const payload = isText ? linesUpTo(block.payload, traceId.slice(-16)) : block.payload;
  for (const { position, record, origin } of recordsOf({ ...block, payload })) {
    if (!namesTrace(record.traceId, traceId)) continue;
    const place = { blockId: block.id, position };
    yield { place, exchange: exchangeOfRecord(record, origin) };
  }
}

/** The lines up to the last one that holds an id in either case: what follows need not be read. */
function linesUpTo(payload: Uint8Array, id: string): Uint8Array {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const last = Math.max(bytes.lastIndexOf(id), bytes.lastIndexOf(id.toUpperCase()));
  const end = last < 0 ? 0 : bytes.indexOf(0x0a, last);
  return end < 0 ? payload : payload.subarray(0, end);
}

function readMembers(
  block: Block,
  places: readonly Place[],
  leftOut: LeftOut,
  found: Map<Place, FoundExchange>,
): void {
  const wanted = Map.groupBy(places, (place) => place.position);
  for (const { position, record, raw, origin } of readBlock(block, leftOut, recordsOf)) {
    const traceId = wholeTraceId(record.traceId);
    for (const place of wanted.get(position) ?? []) {
      found.set(place, { item: itemOf(place, exchangeOfRecord(record, origin), traceId), raw });
    }
  }
}

/** A record of a block that tells of an exchange, and what it was read from. */
interface BlockRecord {
  readonly position: number;
  readonly record: AccessRecord;
  readonly raw: string;
  readonly origin: RecordOrigin;
}

function recordsOf(block: Block): Iterable<BlockRecord> {
  return block.signal === "logs" ? otlpRecordsOf(block) : lineRecordsOf(block);
}

function* lineRecordsOf({ id, stream, payload }: Block): Generator<BlockRecord> {
  if (stream === null) return;
  const decoder = accessLogDecoder(stream);
  const receivedUs = blockTimeMs(id) * 1000;
  // From the first line on, as some formats tell of one request in several lines.
  for (const [position, raw] of joinedLines(linesOf(payload)).entries()) {
    const record = raw === "" ? "" : decoder.decode(raw, receivedUs);
    if (typeof record !== "string") yield { position, record, raw, origin: stream };
  }
}

function* otlpRecordsOf({ payload }: Block): Generator<BlockRecord> {
  const accessRecordOf = otlpAccessReader();
  for (const facts of decodeLogs(payload).records) {
    const record = accessRecordOf(facts);
    if (record === null) continue;
    const { position, service: proxy, instance, body, attributes } = facts;
    const raw = JSON.stringify({ body, attributes }, null, 2);
    yield { position, record, raw, origin: { proxy, instance } };
  }
}
