import type { ClientBase } from "pg";

import { sourceCodes } from "#lib/core/codes.ts";
import { attemptLayout, exchangeLayout } from "#lib/core/record-columns.ts";
import { unpackRecords, unpackTraces } from "#lib/core/segment.ts";
import { append } from "#lib/db/appends.ts";
import type { Database } from "#lib/db/open.ts";
import { packedColumns } from "#lib/db/segment-bytes.ts";
import { inTransaction } from "#lib/db/transaction.ts";

import { BatchRows, type BlockRow } from "./batch-rows.ts";
import {
  blocksOfGroup,
  blockValues,
  mergedPayload,
  readOf,
  refuseUnless,
} from "./merged-payload.ts";
import type { StoredSegment } from "./segment-rows.ts";
import type { SmallRecordBlocks } from "./small-blocks.ts";

const hourMs = 3_600_000;

/** Puts one block in the place of all of a group, and its segments in that of theirs; throws when any is gone. */
export async function mergeRecordBlocks(db: Database, group: SmallRecordBlocks): Promise<void> {
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
    const blockId = Number(segment.block_id);
    const firstPosition = firstPositions.get(blockId) ?? 0;
    const read = await readOf(blockId, () => unpacked(segment, firstPosition));
    rows.addSegment(read, { project: group.project, blockId: merged.id });
  }
  const packed = await rows.packed();
  await inTransaction(db, async (client) => {
    await takeBlocks(client, group);
    await takeSegments(client, group, segments);
    await append(client, (to) => packed.addTo(to));
  });
}

async function mergedBlock(db: Database, group: SmallRecordBlocks): Promise<BlockRow> {
  const { project, signal, stream, firstReceivedMs, blocks } = group;
  const { rows } = await db.pool.query<{ id: string; payload: Buffer }>(
    `SELECT id, payload FROM block WHERE ${blocksOfGroup} ORDER BY id`,
    blockValues(group),
  );
  const stored = rows.map(({ id, payload }) => ({ id: Number(id), payload }));
  const merged = await mergedPayload(group, stored);
  const id = blocks[0]?.id ?? 0;
  return { id, project, receivedMs: firstReceivedMs, signal, stream, ...merged };
}

interface SegmentRow {
  readonly block_id: string;
  readonly source: number;
  readonly traces: Buffer;
  readonly exchange_columns: Buffer;
  readonly attempt_columns: Buffer;
}

/** Segments of records that began around the time at which they were received; others stay, under the ids of their blocks. */
async function segmentsOf(db: Database, group: SmallRecordBlocks): Promise<SegmentRow[]> {
  const { rows } = await db.pool.query<SegmentRow>(
    `SELECT block_id, source, traces, exchange_columns, attempt_columns
       FROM segment WHERE ${begun} AND block_id = ANY ($3::bigint[])
      ORDER BY block_id, part`,
    begunValues(group),
  );
  return rows;
}

const begun = "first_at >= $1 AND last_at >= $1 AND first_at < $2 AND last_at < $2";

function begunValues({ firstReceivedMs, lastReceivedMs, blocks }: SmallRecordBlocks): unknown[] {
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

async function takeBlocks(client: ClientBase, group: SmallRecordBlocks): Promise<void> {
  const answer = await client.query(`DELETE FROM block WHERE ${blocksOfGroup}`, blockValues(group));
  refuseUnless(answer.rowCount === group.blocks.length);
}

async function takeSegments(
  client: ClientBase,
  group: SmallRecordBlocks,
  segments: readonly SegmentRow[],
): Promise<void> {
  const answer = await client.query(
    `DELETE FROM segment WHERE ${begun} AND block_id = ANY ($3::bigint[])`,
    begunValues(group),
  );
  refuseUnless(answer.rowCount === segments.length);
}
