import type { Exchange } from "#lib/core/exchange.ts";
import type { Database } from "#lib/db/open.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { otlpAccessReader } from "#lib/decode/otlp-access-log.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { exchangeOfRecord, type RecordOrigin } from "#lib/normalize/access-log.ts";
import { namesTrace, wholeTraceId } from "#lib/normalize/trace-id.ts";
import { eachBlock, queryBlocks, type Block, type BlockStream } from "#lib/query/blocks.ts";
import type { Place } from "#lib/query/places.ts";
import { queryBlocksBefore } from "#lib/query/stream-blocks.ts";
import { blockTimeMs, firstBlockIdAt } from "#lib/store/block-id.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import { itemOf, type FoundExchange } from "./item.ts";
import { readBlock } from "./read-block.ts";
import {
  joiningFormats,
  type LineReading,
  recordBehindOthers,
  recordsOfAll,
  recordsOfLines,
} from "./records-of-lines.ts";

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
  // Lines that tell nothing without those of the blocks before.
  for (const place of places.filter((one) => !found.has(one)).slice(0, behindOthersMax)) {
    const exchange = await exchangeBehindOthers(db, project, place, leftOut);
    if (exchange !== null) found.set(place, exchange);
  }
  return found;
}

const behindOthersMax = 20;

/** The exchange that one line tells of, with what stands of it in blocks of its stream before it; null where it tells of none. */
export async function logExchangeAt(
  db: Database,
  project: number,
  place: Place,
  leftOut: LeftOut,
): Promise<FoundExchange | null> {
  const alone = (await logExchangesAt(db, project, [place], leftOut)).get(place) ?? null;
  if (alone !== null && tellsAll(alone.item)) return alone;
  return (await exchangeBehindOthers(db, project, place, leftOut)) ?? alone;
}

/** Whether lines before it have nothing to add: they tell why something failed, or of attempts that it does not name. */
function tellsAll({ errorType, attempts }: FoundExchange["item"]): boolean {
  return (
    errorType === null &&
    attempts.length > 0 &&
    attempts.every((attempt) => attempt.errorType === null)
  );
}

/** As far back as a request is waited for by those who join lines, and no more of it than can be read at once. */
const behindMs = 60_000;
const blocksBehindMax = 16;
const bytesBehindMax = 16 * 1024 * 1024;

async function exchangeBehindOthers(
  db: Database,
  project: number,
  place: Place,
  leftOut: LeftOut,
): Promise<FoundExchange | null> {
  const [own] = await queryBlocks(db, project, [place.blockId], leftOut);
  const stream = own?.stream ?? null;
  if (own === undefined || own.signal === "logs" || stream === null) return null;
  if (!joiningFormats.has(stream.format)) return null;
  const fromMs = blockTimeMs(own.id) - behindMs;
  const reach = {
    fromMs,
    fromBlockId: firstBlockIdAt(fromMs),
    blocksMax: blocksBehindMax,
    bytesMax: bytesBehindMax,
  };
  const ids = await queryBlocksBefore(db, project, own, reach, leftOut);
  const before = await queryBlocks(db, project, ids, leftOut);
  const inOrder = [...before.toSorted((a, b) => a.id - b.id), own];
  const found = recordBehindOthers(
    inOrder.map((block) => readingOf(block, stream)),
    place.position,
  );
  if (found === null) return null;
  const exchange = exchangeOfRecord(found.record, stream);
  return { item: itemOf(place, exchange, wholeTraceId(found.record.traceId)), raw: found.raw };
}

/** An exchange that a record of a block tells of, and its place there. */
export interface LoggedExchange {
  readonly place: { readonly blockId: number; readonly position: number };
  readonly exchange: Exchange;
}

/** The exchanges of a block of log lines or log records whose records name the trace. */
export function* logExchangesOfTrace(block: Block, traceId: string): Generator<LoggedExchange> {
  const records = block.signal === "logs" ? otlpRecordsOf(block) : linesOfTrace(block, traceId);
  for (const { position, record, origin } of records) {
    if (!namesTrace(record.traceId, traceId)) continue;
    const place = { blockId: block.id, position };
    yield { place, exchange: exchangeOfRecord(record, origin) };
  }
}

/** Records of the lines that hold the id in either case. */
function linesOfTrace(block: Block, traceId: string): BlockRecord[] {
  const { stream } = block;
  if (stream === null) return [];
  const reading = readingOf(block, stream);
  const id = traceId.slice(-16);
  const found =
    recordsOfLines(reading, (lines) =>
      [id, id.toUpperCase()].flatMap((text) => lines.holding(text, hopLinesMax)),
    ) ?? recordsOfAll({ ...reading, payload: linesUpTo(block.payload, id) });
  return found.map((one) => ({ ...one, origin: stream }));
}

/** One more than a trace shows of hops. */
const hopLinesMax = 1_001;

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
  for (const { position, record, raw, origin } of readBlock(block, leftOut, (one) =>
    recordsAt(one, [...wanted.keys()]),
  )) {
    const traceId = wholeTraceId(record.traceId);
    for (const place of wanted.get(position) ?? []) {
      found.set(place, { item: itemOf(place, exchangeOfRecord(record, origin), traceId), raw });
    }
  }
}

function recordsAt(block: Block, positions: readonly number[]): Iterable<BlockRecord> {
  const { stream } = block;
  if (block.signal === "logs") return otlpRecordsOf(block);
  if (stream === null) return [];
  const reading = readingOf(block, stream);
  const few = recordsOfLines(reading, () => positions);
  // A line that tells nothing by itself may do so behind others.
  const told = new Set(few?.map(({ position }) => position));
  const isWhole = positions.every((position) => told.has(position));
  const read = few !== null && isWhole ? few : recordsOfAll(reading);
  return read.map((one) => ({ ...one, origin: stream }));
}

function readingOf({ id, payload }: Block, stream: BlockStream): LineReading {
  return { payload, stream, receivedUs: blockTimeMs(id) * 1000 };
}

/** A record of a block that tells of an exchange, and what it was read from. */
interface BlockRecord {
  readonly position: number;
  readonly record: AccessRecord;
  readonly raw: string;
  readonly origin: RecordOrigin;
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
