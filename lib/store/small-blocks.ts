import { mergedIds } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";

import type { Signal } from "./batch-rows.ts";
import { firstBlockIdAt } from "./block-id.ts";

const hourMs = 3_600_000;
/** Larger blocks gain little; the indexes of the small ones (migrations 0017 and 0018) end there, too. */
export const smallBytes = 262_144;
const smallRecords = 4_096;

/** A block that may be merged. */
export interface SmallBlock {
  readonly id: number;
  readonly records: number;
  readonly rawBytes: number;
}

/** Small blocks of one project and hour, the first received first. */
export interface SmallBlocks {
  readonly project: number;
  readonly firstReceivedMs: number;
  readonly lastReceivedMs: number;
  /** Whether none will come any more. */
  readonly isOver: boolean;
  readonly blocks: readonly SmallBlock[];
}

/** Those of records, of one signal and stream. */
export interface SmallRecordBlocks extends SmallBlocks {
  readonly signal: Signal;
  readonly stream: object | null;
}

/** How much there is to merge. */
export interface MergedSize {
  readonly rawBytes: number;
  readonly records: number;
}

/** Which groups are asked for. */
export interface SmallBlocksQuestion {
  /** When the blocks were made. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Blocks that were set aside and are to be tried again later than that are left out. */
  readonly nowMs: number;
  /** So much is merged before its hour is over. */
  readonly enough: MergedSize;
  readonly limit: number;
}

/**
 * The oldest groups of small blocks of records that can be merged: those that are enough for a merged block, and those
 * whose hour is over. No group has blocks from before and after a module prefix began to be counted, as blocks on one
 * side were counted by ingest and those on the other are counted by who fills the past.
 */
export async function smallRecordBlocks(
  db: Database,
  question: SmallBlocksQuestion,
): Promise<SmallRecordBlocks[]> {
  const { rows } = await db.pool.query<{ at: Date }>(
    "SELECT counted_from AS at FROM module_prefix",
  );
  const borders = rows.map(({ at }) => firstBlockIdAt(at.getTime()));
  const found = await groupsIn<RecordBlocksRow>(
    db,
    { table: "block", alike: "project_id, signal, stream", borders },
    question,
  );
  return found.map((row) => ({ ...groupOf(row), signal: row.signal, stream: row.stream }));
}

/** The same of blocks of log lines. */
export async function smallLogBlocks(
  db: Database,
  question: SmallBlocksQuestion,
): Promise<SmallBlocks[]> {
  const of = { table: "log_block", alike: "project_id", borders: [] } as const;
  const found = await groupsIn<SmallBlocksRow>(db, of, question);
  return found.map(groupOf);
}

interface Grouping {
  readonly table: "block" | "log_block";
  /** What blocks of a group have in common. */
  readonly alike: string;
  /** Ids over which no group reaches. */
  readonly borders: readonly number[];
}

interface SmallBlocksRow {
  readonly project_id: number;
  readonly first_received: Date;
  readonly last_received: Date;
  readonly is_over: boolean;
  readonly ids: readonly string[];
  readonly records: readonly number[];
  readonly raw_bytes: readonly number[];
}

interface RecordBlocksRow extends SmallBlocksRow {
  readonly signal: Signal;
  readonly stream: object | null;
}

async function groupsIn<Row extends SmallBlocksRow>(
  db: Database,
  { table, alike, borders }: Grouping,
  { fromMs, toMs, nowMs, enough, limit }: SmallBlocksQuestion,
): Promise<Row[]> {
  const { rows } = await db.pool.query<Row>(
    `SELECT ${alike}, min(received_at) AS first_received, max(received_at) AS last_received,
            (id / ${mergedIds} + 1) * ${mergedIds} <= $2 AS is_over, array_agg(id ORDER BY id) AS ids,
            array_agg(records ORDER BY id) AS records, array_agg(raw_bytes ORDER BY id) AS raw_bytes
       FROM ${table}
      WHERE last_id IS NULL AND raw_bytes < ${smallBytes} AND records < ${smallRecords}
        AND id >= $1 AND id < $2 AND received_at >= $3
        AND NOT EXISTS (SELECT FROM block_aside WHERE block_id = ${table}.id AND retry_at > $5)
      GROUP BY ${alike}, id / ${mergedIds}, width_bucket(id, $4::bigint[])
     HAVING count(*) > 1 AND ((id / ${mergedIds} + 1) * ${mergedIds} <= $2
            OR sum(raw_bytes) >= ${enough.rawBytes} OR sum(records) >= ${enough.records})
      ORDER BY min(id) LIMIT ${limit}`,
    [
      firstBlockIdAt(fromMs),
      firstBlockIdAt(toMs),
      new Date(fromMs - hourMs),
      [0, ...borders].toSorted((a, b) => a - b),
      new Date(nowMs),
    ],
  );
  return rows;
}

function groupOf(row: SmallBlocksRow): SmallBlocks {
  return {
    project: row.project_id,
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
