import type { ClientBase } from "pg";

import type { Database } from "./open.ts";

/** Runs the work in one transaction on one connection of the pool: all of it is committed, or none. */
export async function inTransaction<Result>(
  db: Database,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const client = await db.pool.connect();
  let usable = false;
  try {
    const result = await transactionOn(client, () => work(client));
    usable = true;
    return result;
  } catch (error) {
    usable = await client.query("SELECT 1").then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.release(!usable);
  }
}

/** The same on a connection that the caller holds. */
export async function transactionOn<Result>(
  client: ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN");
  try {
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // The first error is the one that tells what went wrong; a lost connection rolls back by itself.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
