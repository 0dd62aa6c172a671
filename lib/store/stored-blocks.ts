import { homesOf, logHomesOf } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

/**
 * Which of the blocks are stored, and will stay so. Waits for commits under way: Postgres still ends what it was asked
 * to commit by a connection that is gone. Gives up after 5 s, as those who want to write wait behind it.
 */
export async function storedBlocks(
  db: Database,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const found = await inTransaction(db, async (client) => {
    await client.query("SET LOCAL lock_timeout = '5s'");
    await client.query("LOCK TABLE ONLY block, ONLY log_block IN SHARE MODE");
    const homes = await homesOf(client, null, ids);
    const logHomes = await logHomesOf(client, ids);
    return [...homes.keys(), ...logHomes.keys()];
  });
  return new Set(found);
}
