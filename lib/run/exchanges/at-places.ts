import { signed } from "#lib/core/signed-bits.ts";
import type { Database } from "#lib/db/open.ts";
import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { queryBlocks } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";

import type { FoundExchange } from "./item.ts";
import { logExchangesAt } from "./log-lines.ts";
import { spanExchangesAt } from "./spans.ts";

/** The exchanges at the given places, in their order; those whose block is gone are missing. */
export async function exchangesAt(
  db: Database,
  project: number,
  places: readonly Place[],
): Promise<FoundExchange[]> {
  const bySource = Map.groupBy(places, (place) => place.source);
  const found = new Map([
    ...(await logExchangesAt(db, project, bySource.get("logs") ?? [])),
    ...(await spanExchangesAt(db, project, bySource.get("spans") ?? [])),
  ]);
  return places.flatMap((place) => found.get(place) ?? []);
}

/** The place that an exchange's id names; null for no id, or when its block is gone. */
export async function placeOfId(db: Database, project: number, id: string): Promise<Place | null> {
  const parts = /^(\d{1,16})-(\d{1,10})$/.exec(id);
  if (parts === null) return null;
  const [blockId, position] = [Number(parts[1]), Number(parts[2])];
  const [block] = await queryBlocks(db, project, [blockId]);
  if (block === undefined) return null;
  if (block.signal !== "traces") return { blockId, position, source: "logs", traceHash: "0" };
  const span = decodeTraces(block.payload).spans.find((other) => other.position === position);
  if (span === undefined) return null;
  const traceHash = signed({ high: span.traceHigh, low: span.traceLow });
  return { blockId, position, source: "spans", traceHash };
}
