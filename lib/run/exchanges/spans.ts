import { signed } from "#lib/core/signed-bits.ts";
import type { Database } from "#lib/db/open.ts";
import { spansAt, type DetailSpan } from "#lib/decode/otlp-detail.ts";
import { partsHolding, type TracesPart } from "#lib/decode/otlp-parts.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { attemptOfSpan, exchangeOfSpan } from "#lib/normalize/span.ts";
import { wholeExchanges, type WholeExchange } from "#lib/normalize/whole-exchanges.ts";
import { eachBlock, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { queryTraceHits } from "#lib/query/trace-blocks.ts";
import { blockTimeMs, firstBlockIdAt } from "#lib/store/block-id.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { bytesOfHash } from "../trace-hash.ts";
import { itemOf, type FoundExchange } from "./item.ts";
import { readBlock } from "./read-block.ts";
import { spanIdOf } from "./span-id.ts";

const serverKind = 2;

/** A span, its place, and what else was sent of it. */
interface PlacedSpan {
  readonly blockId: number;
  readonly span: SpanRecord;
  readonly detail: DetailSpan | undefined;
}

/** The exchanges that the spans at the places belong to: their own, or the one above a CLIENT span. */
export async function spanExchangesAt(
  db: Database,
  project: number,
  places: readonly Place[],
  leftOut: LeftOut,
): Promise<Map<Place, FoundExchange>> {
  const found = new Map<Place, FoundExchange>();
  if (places.length === 0) return found;
  const traces = await spansOfTraces(db, project, places, leftOut);
  for (const place of places) {
    const spans = traces.get(place.traceHash) ?? [];
    const exchange = exchangeAt(place, spans);
    if (exchange !== null) found.set(place, exchange);
  }
  return found;
}

async function spansOfTraces(
  db: Database,
  project: number,
  places: readonly Place[],
  leftOut: LeftOut,
): Promise<Map<string, PlacedSpan[]>> {
  const hashesIn = await blocksAround(db, project, places, leftOut);
  const wanted = new Set(places.map(({ blockId, position }) => `${blockId}-${position}`));
  const traces = new Map<string, PlacedSpan[]>();
  for await (const block of eachBlock(db, project, [...hashesIn.keys()], leftOut)) {
    if (block.signal !== "traces") continue;
    const read = (one: Block) => placedSpans(one, hashesIn.get(one.id) ?? new Set(), wanted);
    for (const placed of readBlock(block, leftOut, read)) {
      const trace = traces.get(hashOf(placed.span)) ?? [];
      traces.set(hashOf(placed.span), trace);
      trace.push(placed);
    }
  }
  return traces;
}

/** The blocks of the places, and those of their traces that came at about the same time; each with its traces. */
async function blocksAround(
  db: Database,
  project: number,
  places: readonly Place[],
  leftOut: LeftOut,
): Promise<Map<number, Set<string>>> {
  const hashesIn = new Map<number, Set<string>>();
  const add = (blockId: number, hash: string): void => {
    const hashes = hashesIn.get(blockId) ?? new Set();
    hashesIn.set(blockId, hashes.add(hash));
  };
  for (const { blockId, traceHash } of places) add(blockId, traceHash);
  const byTrace = Map.groupBy(places, ({ traceHash }) => traceHash);
  const firstMs = blockTimeMs(Math.min(...places.map(({ blockId }) => blockId)));
  const found = await queryTraceHits(db, {
    project,
    hashes: [...byTrace.keys()],
    fromBlockId: firstBlockIdAt(firstMs - aroundMs),
    leftOut,
  });
  for (const [hash, hits] of found) {
    for (const { blockId } of hits) {
      const isMeant = byTrace.get(hash)?.some((place) => isAround(place.blockId, blockId));
      if (isMeant === true) add(blockId, hash);
    }
  }
  return hashesIn;
}

/** A trace of all requests, or of a job that runs for days, has blocks that tell nothing of one of its requests. */
const aroundMs = 3_600_000;

function isAround(blockId: number, other: number): boolean {
  return Math.abs(blockTimeMs(blockId) - blockTimeMs(other)) <= aroundMs;
}

/** Traces for each of which a block is looked through; of more, all of it is decoded. */
const needlesMax = 8;

function placedSpans(
  { id, payload }: Block,
  hashes: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): PlacedSpan[] {
  const parts =
    hashes.size > needlesMax
      ? [{ firstPosition: 0, payload }]
      : partsHolding(payload, Array.from(hashes, bytesOfHash));
  return parts.flatMap((part) => placedInPart(id, part, hashes, wanted));
}

function placedInPart(
  blockId: number,
  { firstPosition, payload }: TracesPart,
  hashes: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): PlacedSpan[] {
  const spans = decodeTraces(payload).spans.filter((span) => hashes.has(hashOf(span)));
  const shown = spans.filter(
    ({ kind, position }) =>
      kind === serverKind || wanted.has(`${blockId}-${firstPosition + position}`),
  );
  const details = new Map(
    spansAt(
      payload,
      shown.map(({ position }) => position),
    ).map((detail) => [detail.spanId, detail] as const),
  );
  return spans.map((span) => ({
    blockId,
    span: { ...span, position: firstPosition + span.position },
    detail: details.get(spanIdOf(span)),
  }));
}

function exchangeAt(place: Place, spans: readonly PlacedSpan[]): FoundExchange | null {
  const here = spans.find(
    ({ blockId, span }) => blockId === place.blockId && span.position === place.position,
  );
  if (here === undefined || here.span.http === null) return null;
  const whole = wholeExchanges(spans.map(({ span }) => span)).find(
    ({ span, clients }) => span === here.span || clients.includes(here.span),
  );
  const top = spans.find(({ span }) => span === whole?.span) ?? here;
  const exchange = whole?.exchange ?? aloneExchange(here.span, here.span.http);
  const at = { blockId: top.blockId, position: top.span.position };
  const traceId = top.detail?.traceId ?? null;
  return { item: itemOf(at, exchange, traceId), raw: JSON.stringify(top.detail ?? {}, null, 2) };
}

/** A CLIENT span whose SERVER span is not known, as the exchange of which it is the only attempt. */
function aloneExchange(
  span: SpanRecord,
  http: NonNullable<SpanRecord["http"]>,
): WholeExchange["exchange"] {
  return { ...exchangeOfSpan(span, http), attempts: [attemptOfSpan(span, http)] };
}

function hashOf(span: SpanRecord): string {
  return signed({ high: span.traceHigh, low: span.traceLow });
}
