import type { Database } from "#lib/db/open.ts";
import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { otlpAccessReader } from "#lib/decode/otlp-access-log.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { exchangeOfRecord, type RecordOrigin } from "#lib/normalize/access-log.ts";
import { queryBlocks, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { blockTimeMs } from "#lib/store/block-id.ts";

import { linesOf } from "../ingest/lines.ts";
import { itemOf, type FoundExchange } from "./item.ts";

/** The exchanges that log lines and log records of blocks tell of. */
export async function logExchangesAt(
  db: Database,
  project: number,
  places: readonly Place[],
): Promise<Map<Place, FoundExchange>> {
  const found = new Map<Place, FoundExchange>();
  for (const [blockId, members] of Map.groupBy(places, (place) => place.blockId)) {
    // One block at a time: a decompressed one may take many megabytes.
    const [block] = await queryBlocks(db, project, [blockId]);
    if (block !== undefined) readMembers(block, members, found);
  }
  return found;
}

function readMembers(
  block: Block,
  places: readonly Place[],
  found: Map<Place, FoundExchange>,
): void {
  const wanted = Map.groupBy(places, (place) => place.position);
  for (const { position, record, raw, origin } of recordsOf(block)) {
    const traceId = record.traceId?.length === 32 ? record.traceId : null;
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
