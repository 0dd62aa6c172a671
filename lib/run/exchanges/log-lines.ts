import type { Database } from "#lib/db/open.ts";
import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { queryBlocks, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";

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
  const lines = linesOf(block.payload);
  for (const place of places) {
    const raw = lines[place.position];
    const record = raw === undefined ? "" : decoder.decode(raw);
    if (raw === undefined || typeof record === "string") continue;
    const traceId = record.traceId?.length === 32 ? record.traceId : null;
    found.set(place, { item: itemOf(place, exchangeOfRecord(record, stream), traceId), raw });
  }
}
