import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";

import type { ClientBase } from "pg";

import type { BlockMember } from "#lib/core/block-members.ts";
import { sourceCodes } from "#lib/core/codes.ts";
import { attemptLayout, exchangeLayout } from "#lib/core/record-columns.ts";
import { unpackRecords, unpackTraces } from "#lib/core/segment.ts";
import { append } from "#lib/db/appends.ts";
import { mergedIds } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import { packedColumns } from "#lib/db/segment-bytes.ts";
import { inTransaction } from "#lib/db/transaction.ts";

import { BatchRows, type BlockRow, type Signal } from "./batch-rows.ts";
import { firstBlockIdAt } from "./block-id.ts";
import type { StoredSegment } from "./segment-rows.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Nobody waits for it, and what is written here stays. */
const params = { [constants.ZSTD_c_compressionLevel]: 9 };
const hourMs = 3_600_000;
/** Larger blocks gain little; the index of the small ones (migration 0017) ends there, too. */
const smallBytes = 262_144;
const smallRecords = 4_096;

/** A block that may be merged. */
export interface SmallBlock {
  readonly id: number;
  readonly records: number;
  readonly rawBytes: number;
}

/** Small blocks of one project, signal, stream and hour, the first received first. */
export interface SmallBlocks {
  readonly project: number;
  readonly signal: Signal;
  readonly stream: object | null;
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
  /** Whether none will come any more. */
  readonly isOver: boolean;
  readonly blocks: readonly SmallBlock[];
}

/** How much there is to merge. */
export interface MergedSize {
  readonly rawBytes: number;
  readonly records: number;
}

/**
 * The oldest groups of small blocks that were made in the time and that can be merged: those that are enough for
 * a merged block, and those whose hour is over. No group has blocks from before and after a module prefix began to be counted, as
 * blocks on one side were counted by ingest and those on the other are counted by who fills the past.
 */
export async function smallBlocks(
  db: Database,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { enough, limit }: { readonly enough: MergedSize; readonly limit: number },
): Promise<SmallBlocks[]> {
  const borders = await db.pool.query<{ at: Date }>("SELECT counted_from AS at FROM module_prefix");
  const { rows } = await db.pool.query<SmallBlocksRow>(
    `SELECT project_id, signal, stream, min(received_at) AS first_received, max(received_at) AS last_received,
            (id / ${mergedIds} + 1) * ${mergedIds} <= $2 AS is_over, array_agg(id ORDER BY id) AS ids,
            array_agg(records ORDER BY id) AS records, array_agg(raw_bytes ORDER BY id) AS raw_bytes
       FROM block
      WHERE last_id IS NULL AND raw_bytes < ${smallBytes} AND records < ${smallRecords}
        AND id >= $1 AND id < $2 AND received_at >= $3
      GROUP BY project_id, signal, stream, id / ${mergedIds}, width_bucket(id, $4::bigint[])
     HAVING count(*) > 1 AND ((id / ${mergedIds} + 1) * ${mergedIds} <= $2
            OR sum(raw_bytes) >= ${enough.rawBytes} OR sum(records) >= ${enough.records})
      ORDER BY min(id) LIMIT ${limit}`,
    [
      firstBlockIdAt(fromMs),
      firstBlockIdAt(toMs),
      new Date(fromMs - hourMs),
      [0, ...borders.rows.map(({ at }) => firstBlockIdAt(at.getTime()))].toSorted((a, b) => a - b),
    ],
  );
  return rows.map(smallBlocksOf);
}

interface SmallBlocksRow {
  readonly project_id: number;
  readonly signal: Signal;
  readonly stream: object | null;
  readonly first_received: Date;
  readonly last_received: Date;
  readonly is_over: boolean;
  readonly ids: readonly string[];
  readonly records: readonly number[];
  readonly raw_bytes: readonly number[];
}

function smallBlocksOf(row: SmallBlocksRow): SmallBlocks {
  return {
    project: row.project_id,
    signal: row.signal,
    stream: row.stream,
    firstReceivedMs: row.first_received.getTime(),
    lastReceivedMs: row.last_received.getTime(),
    isOver: row.is_over,
    blocks: row.ids.map((id, at) => ({
      id: Number(id),
      records: row.records[at] ?? 0,
      rawBytes: row.raw_bytes[at] ?? 0,
    })),
  };
}

/** Puts one block in the place of all of a group, and its segments in that of theirs; throws when any is gone. */
export async function mergeBlocks(db: Database, group: SmallBlocks): Promise<void> {
  const merged = await mergedBlock(db, group);
  const segments = await segmentsOf(db, group);
  const rows = new BatchRows();
  rows.addBlock(merged);
  const firstPositions = new Map<number, number>();
  let position = 0;
  for (const { id, records } of group.blocks) {
    firstPositions.set(id, position);
    position += records;
  }
  for (const segment of segments) {
    const firstPosition = firstPositions.get(Number(segment.block_id)) ?? 0;
    rows.addSegment(unpacked(segment, firstPosition), {
      project: group.project,
      blockId: merged.id,
    });
  }
  const packed = await rows.packed();
  await inTransaction(db, async (client) => {
    await takeBlocks(client, group);
    await takeSegments(client, group, segments);
    await append(client, (to) => packed.addTo(to));
  });
}

async function mergedBlock(db: Database, group: SmallBlocks): Promise<BlockRow> {
  const { project, signal, stream, firstReceivedMs, blocks } = group;
  const payloads = await payloadsOf(db, group);
  const members: BlockMember[] = [];
  for (const [place, { id, records }] of blocks.entries()) {
    members.push({ id, records, bytes: payloads[place]?.byteLength ?? 0 });
  }
  const payload = Buffer.concat(payloads);
  return {
    id: blocks[0]?.id ?? 0,
    project,
    receivedMs: firstReceivedMs,
    signal,
    stream,
    records: members.reduce((sum, { records }) => sum + records, 0),
    rawBytes: payload.byteLength,
    payload: await compress(payload, { params }),
    members,
  };
}

const received = "received_at >= $1 AND received_at <= $2 AND id = ANY ($3::bigint[])";

function receivedValues({ firstReceivedMs, lastReceivedMs, blocks }: SmallBlocks): unknown[] {
  // Postgres keeps microseconds of which a Date has none.
  return [new Date(firstReceivedMs - 1), new Date(lastReceivedMs + 1), blocks.map(({ id }) => id)];
}

/** In the order of their blocks. */
async function payloadsOf(db: Database, group: SmallBlocks): Promise<Uint8Array[]> {
  const { rows } = await db.pool.query<{ payload: Buffer }>(
    `SELECT payload FROM block WHERE ${received} AND last_id IS NULL ORDER BY id`,
    receivedValues(group),
  );
  refuseUnless(rows.length === group.blocks.length);
  return Promise.all(
    rows.map(({ payload }) => decompress(payload, { maxOutputLength: 2 * smallBytes })),
  );
}

interface SegmentRow {
  readonly block_id: string;
  readonly source: number;
  readonly traces: Buffer;
  readonly exchange_columns: Buffer;
  readonly attempt_columns: Buffer;
}

/** Segments of records that began around the time at which they were received; others stay, under the ids of their blocks. */
async function segmentsOf(db: Database, group: SmallBlocks): Promise<SegmentRow[]> {
  const { rows } = await db.pool.query<SegmentRow>(
    `SELECT block_id, source, traces, exchange_columns, attempt_columns
       FROM segment WHERE ${begun} AND block_id = ANY ($3::bigint[])
      ORDER BY block_id, part`,
    begunValues(group),
  );
  return rows;
}

const begun = "first_at >= $1 AND last_at >= $1 AND first_at < $2 AND last_at < $2";

function begunValues({ firstReceivedMs, lastReceivedMs, blocks }: SmallBlocks): unknown[] {
  const [fromMs, toMs] = [firstReceivedMs - hourMs, lastReceivedMs + hourMs];
  return [new Date(fromMs), new Date(toMs), blocks.map(({ id }) => id)];
}

function unpacked(segment: SegmentRow, firstPosition: number): StoredSegment {
  const traces = unpackTraces(segment.traces);
  return {
    source: sourceCodes.wordOf(segment.source) ?? "spans",
    firstPosition,
    traces,
    exchanges: unpackRecords(exchangeLayout, packedColumns(segment.exchange_columns), traces),
    attempts: unpackRecords(attemptLayout, packedColumns(segment.attempt_columns), traces),
  };
}

async function takeBlocks(client: ClientBase, group: SmallBlocks): Promise<void> {
  const answer = await client.query(
    `DELETE FROM block WHERE ${received} AND last_id IS NULL`,
    receivedValues(group),
  );
  refuseUnless(answer.rowCount === group.blocks.length);
}

async function takeSegments(
  client: ClientBase,
  group: SmallBlocks,
  segments: readonly SegmentRow[],
): Promise<void> {
  const answer = await client.query(
    `DELETE FROM segment WHERE ${begun} AND block_id = ANY ($3::bigint[])`,
    begunValues(group),
  );
  refuseUnless(answer.rowCount === segments.length);
}

function refuseUnless(allThere: boolean): void {
  if (!allThere) throw new Error("Blocks that were to be merged are gone, or were merged.");
}
