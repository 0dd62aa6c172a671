import type { Database } from "#lib/db/open.ts";
import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { joinedLines } from "#lib/decode/log-lines.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { queryBlocks, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { blockTimeMs } from "#lib/store/block-id.ts";

import { linesOf } from "../ingest/lines.ts";
import { itemOf, type FoundExchange } from "./item.ts";

/** The exchanges that lines of blocks tell of. */
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
  const { stream } = block;
  if (stream === null) return;
  const decoder = accessLogDecoder(stream);
  const wanted = Map.groupBy(places, (place) => place.position);
  const receivedUs = blockTimeMs(block.id) * 1000;
  // From the first line on, as some formats tell of one request in several lines.
  for (const [position, raw] of joinedLines(linesOf(block.payload)).entries()) {
    const record = raw === "" ? "" : decoder.decode(raw, receivedUs);
    if (typeof record === "string") continue;
    const traceId = record.traceId?.length === 32 ? record.traceId : null;
    for (const place of wanted.get(position) ?? []) {
      found.set(place, { item: itemOf(place, exchangeOfRecord(record, stream), traceId), raw });
    }
  }
}
