import type { Database } from "#lib/db/open.ts";
import { spansAt } from "#lib/decode/otlp-detail.ts";
import { queryBlocks } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { hashOfTraceId } from "../trace-hash.ts";
import type { FoundExchange } from "./item.ts";
import { logExchangeAt, logExchangesAt } from "./log-lines.ts";
import { readBlock } from "./read-block.ts";
import { spanExchangesAt } from "./spans.ts";

/** The exchanges at the given places, in their order; those whose block is gone, or cannot be read, are missing. */
export async function exchangesAt(
  db: Database,
  project: number,
  places: readonly Place[],
  leftOut: LeftOut,
): Promise<FoundExchange[]> {
  const bySource = Map.groupBy(places, (place) => place.source);
  const found = new Map([
    ...(await logExchangesAt(db, project, bySource.get("logs") ?? [], leftOut)),
    ...(await spanExchangesAt(db, project, bySource.get("spans") ?? [], leftOut)),
  ]);
  return places.flatMap((place) => found.get(place) ?? []);
}

/** The exchange at a place, with what stands of it in other blocks; null when its block is gone, or cannot be read. */
export async function exchangeAt(
  db: Database,
  project: number,
  place: Place,
  leftOut: LeftOut,
): Promise<FoundExchange | null> {
  if (place.source === "logs") return logExchangeAt(db, project, place, leftOut);
  return (await spanExchangesAt(db, project, [place], leftOut)).get(place) ?? null;
}

/** The place that an exchange's id names; null for no id, or when its block is gone or cannot be read. */
export async function placeOfId(
  db: Database,
  project: number,
  id: string,
  leftOut: LeftOut,
): Promise<Place | null> {
  const parts = /^(\d{1,16})-(\d{1,10})$/.exec(id);
  if (parts === null) return null;
  const [blockId, position] = [Number(parts[1]), Number(parts[2])];
  const [block] = await queryBlocks(db, project, [blockId], leftOut);
  if (block === undefined) return null;
  if (block.signal !== "traces") return { blockId, position, source: "logs", traceHash: "0" };
  const [span] = readBlock(block, leftOut, ({ payload }) => spansAt(payload, [position]));
  if (span === undefined) return null;
  return { blockId, position, source: "spans", traceHash: hashOfTraceId(span.traceId) };
}
