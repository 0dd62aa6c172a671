import { signed } from "#lib/core/signed-bits.ts";
import type { Database } from "#lib/db/open.ts";
import { spansAt, type DetailSpan } from "#lib/decode/otlp-detail.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { attemptOfSpan, exchangeOfSpan } from "#lib/normalize/span.ts";
import { wholeExchanges, type WholeExchange } from "#lib/normalize/whole-exchanges.ts";
import { eachBlock, type Block } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { queryTraceBlocks } from "#lib/query/trace-blocks.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { itemOf, type FoundExchange } from "./item.ts";
import { readBlock } from "./read-block.ts";

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
  const traces = await spansOfTraces(db, project, places, leftOut);
  const found = new Map<Place, FoundExchange>();
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
  const hashes = new Set(places.map((place) => place.traceHash));
  const blockIds = [...(await queryTraceBlocks(db, project, [...hashes], leftOut)).values()].flat();
  const wanted = new Set(places.map(({ blockId, position }) => `${blockId}-${position}`));
  const traces = new Map<string, PlacedSpan[]>();
  for await (const block of eachBlock(db, project, blockIds, leftOut)) {
    if (block.signal !== "traces") continue;
    const read = (one: Block) => placedSpans(one, hashes, wanted);
    for (const placed of readBlock(block, leftOut, read)) {
      const trace = traces.get(hashOf(placed.span)) ?? [];
      traces.set(hashOf(placed.span), trace);
      trace.push(placed);
    }
  }
  return traces;
}

function placedSpans(
  { id: blockId, payload }: Block,
  hashes: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): PlacedSpan[] {
  const spans = decodeTraces(payload).spans.filter((span) => hashes.has(hashOf(span)));
  const shown = spans
    .filter((span) => span.kind === serverKind || wanted.has(`${blockId}-${span.position}`))
    .map((span) => span.position);
  const details = new Map(
    spansAt(payload, shown).map((detail) => [detail.spanId, detail] as const),
  );
  return spans.map((span) => ({ blockId, span, detail: details.get(idOf(span)) }));
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

function idOf(span: SpanRecord): string {
  return `${hex(span.spanHigh)}${hex(span.spanLow)}`;
}

function hex(half: number): string {
  return half.toString(16).padStart(8, "0");
}
