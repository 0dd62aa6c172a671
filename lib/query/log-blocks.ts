import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";

import { unpackMembers } from "#lib/core/block-members.ts";
import { unpackOffsets } from "#lib/core/block-times.ts";
import { writtenLines } from "#lib/core/log-payload.ts";
import { mergedIds } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

const decompress = promisify(zstdDecompress);
/** Blocks end at 4 MiB of text; a single line is far smaller than that. */
const blockBytesMax = 64 * 1024 * 1024;

/** The lines of one block of log lines as it is stored, each still as it was written. */
export interface LogBlock {
  readonly written: readonly string[];
  /** The blocks as they were received, by their ids: one that was not merged is its own only part. */
  readonly parts: ReadonlyMap<number, LogBlockPart>;
}

/** Of which block the lines of a part are, and when it came. */
export interface LogBlockPart {
  /** The place of its first line among those of the stored block. */
  readonly firstPosition: number;
  readonly receivedMs: number;
}

/** The stored block in which one stands that was received under the id; null when retention dropped it, or it cannot be read. */
export async function queryLogBlock(
  db: Database,
  project: number,
  id: number,
  leftOut: LeftOut,
): Promise<LogBlock | null> {
  // One statement, so that the block is seen either by itself or merged; in between the merged ones of its hour may stand others.
  const { rows } = await db.pool.query<LogBlockRow>(
    `SELECT id, received_at, payload, members, received_offsets FROM log_block
      WHERE project_id = $1 AND id = $2 AND last_id IS NULL
     UNION ALL
     SELECT id, received_at, payload, members, received_offsets FROM log_block
      WHERE project_id = $1 AND id <= $2 AND last_id >= $2 AND last_id < $2 + ${mergedIds}`,
    [project, id],
  );
  for (const row of rows) {
    try {
      const parts = partsOf(row);
      if (!parts.has(id)) continue;
      const payload = await decompress(row.payload, { maxOutputLength: blockBytesMax });
      return { written: writtenLines(payload.toString()), parts };
    } catch (error) {
      leftOut.add("log_block", row.id, error);
    }
  }
  return null;
}

interface LogBlockRow {
  readonly id: string;
  readonly received_at: Date;
  readonly payload: Buffer;
  readonly members: Buffer | null;
  readonly received_offsets: Buffer | null;
}

function partsOf(row: LogBlockRow): Map<number, LogBlockPart> {
  const firstMs = row.received_at.getTime();
  if (row.members === null || row.received_offsets === null) {
    return new Map([[Number(row.id), { firstPosition: 0, receivedMs: firstMs }]]);
  }
  const members = unpackMembers(row.members);
  const offsets = unpackOffsets(row.received_offsets, members.length);
  return new Map(
    members.map(({ id, firstPosition }, place) => [
      id,
      { firstPosition, receivedMs: firstMs + (offsets[place] ?? 0) },
    ]),
  );
}
