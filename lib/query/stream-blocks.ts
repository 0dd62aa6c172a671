import { mergedIds, membersOf } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import type { Block } from "./blocks.ts";

const hourMs = 3_600_000;

/** How far back blocks of a stream are looked for. */
export interface Reach {
  /** Only blocks with ids from this one on. */
  readonly fromBlockId: number;
  readonly fromMs: number;
  readonly blocksMax: number;
  /** Of what they hold together. */
  readonly bytesMax: number;
}

/** The ids of the blocks of the same stream of lines that came just before one, as they were received; the first came first. */
export async function queryBlocksBefore(
  db: Database,
  project: number,
  { id, stream }: Pick<Block, "id" | "stream">,
  { fromBlockId, fromMs, blocksMax, bytesMax }: Reach,
  leftOut: LeftOut,
): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: string; raw_bytes: number; members: Buffer | null }>(
    `SELECT id, raw_bytes, members FROM block
      WHERE project_id = $1 AND signal = 'access-logs' AND stream = $2::jsonb
        AND received_at >= $3 AND id <= $4 AND id >= $5 AND coalesce(last_id, id) >= $6
      ORDER BY id DESC LIMIT ${blocksMax + 1}`,
    [
      project,
      JSON.stringify(stream),
      new Date(fromMs - hourMs),
      id,
      fromBlockId - mergedIds,
      fromBlockId,
    ],
  );
  const blocks = rows.flatMap((row) =>
    row.members === null
      ? [{ id: Number(row.id), bytes: row.raw_bytes }]
      : membersOf(Number(row.id), row.members, leftOut.add),
  );
  const nearestFirst = blocks
    .filter((one) => one.id >= fromBlockId && one.id < id)
    .toSorted((a, b) => b.id - a.id);
  let room = bytesMax;
  const near = nearestFirst.slice(0, blocksMax).filter(({ bytes }) => (room -= bytes) >= 0);
  return near.map((one) => one.id).toReversed();
}
