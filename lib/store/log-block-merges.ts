import { packOffsets } from "#lib/core/block-times.ts";
import { writtenLines } from "#lib/core/log-payload.ts";
import { append } from "#lib/db/appends.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

import { LogRows } from "./log-rows.ts";
import { blocksOfGroup, blockValues, mergedPayload, refuseUnless } from "./merged-payload.ts";
import type { SmallBlocks } from "./small-blocks.ts";

/**
 * Puts one block of log lines in the place of all of a group; throws when any is gone. The rows of its lines go on to
 * name the blocks in which they came.
 */
export async function mergeLogBlocks(db: Database, group: SmallBlocks): Promise<void> {
  const { rows } = await db.pool.query<{ id: string; received_at: Date; payload: Buffer }>(
    `SELECT id, received_at, payload FROM log_block WHERE ${blocksOfGroup} ORDER BY id`,
    blockValues(group),
  );
  const stored = rows.map(({ id, payload }) => ({ id: Number(id), payload }));
  const merged = await mergedPayload(group, stored, refuseOtherLines);
  const { project, firstReceivedMs, blocks } = group;
  const offsets = rows.map(({ received_at }) => received_at.getTime() - firstReceivedMs);
  const written = new LogRows();
  written.addBlock({
    id: blocks[0]?.id ?? 0,
    project,
    receivedMs: firstReceivedMs,
    ...merged,
    receivedOffsets: packOffsets(offsets),
  });
  await inTransaction(db, async (client) => {
    const taken = await client.query(
      `DELETE FROM log_block WHERE ${blocksOfGroup}`,
      blockValues(group),
    );
    refuseUnless(taken.rowCount === blocks.length);
    await append(client, (to) => written.addTo(to));
  });
}

/** Lines are found by counting those before them, in all blocks of a merged one. */
function refuseOtherLines(payload: Buffer, records: number): void {
  const { length } = writtenLines(payload.toString());
  if (length !== records || payload.at(-1) !== newline) {
    throw new Error(`A block of ${records} log lines has ${length}.`);
  }
}

const newline = 0x0a;
