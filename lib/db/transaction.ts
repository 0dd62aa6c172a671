import type { ClientBase } from "pg";

import type { Appends } from "./appends.ts";
import type { Database } from "./open.ts";

/** How long a transaction may wait, in milliseconds; it fails then, and the server ends it. */
export interface TransactionWaits {
  /** For a lock that another one holds. */
  readonly lockMs: number;
  /** For our next statement. */
  readonly idleMs: number;
}

/** Runs the work in one transaction on one connection of the pool: all of it is committed, or none. */
export async function inTransaction<Result>(
  db: Database,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  return onClient(db, (client) => transactionOn(client, () => work(client)));
}

/** Commits the appends; `beforeCommit` is the last that is done before. When it throws, nothing is committed. */
export async function commitAppends(
  db: Database,
  appends: Appends,
  waits: TransactionWaits,
  beforeCommit: () => void | Promise<void>,
): Promise<void> {
  const begin = [
    "BEGIN",
    `SET LOCAL lock_timeout = ${waits.lockMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${waits.idleMs}`,
  ];
  await onClient(db, (client) =>
    transactionOn(
      client,
      async () => beforeCommit(),
      () => appends.send(client, begin),
    ),
  );
}

/** Does the work with a connection of the pool, which gets it back only if it still answers. */
export async function onClient<Result>(
  db: Database,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result> {
  const client = await db.pool.connect();
  let usable = false;
  try {
    const result = await work(client);
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
  begin: () => Promise<unknown> = () => client.query("BEGIN"),
): Promise<Result> {
  try {
    await begin();
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // The first error is the one that tells what went wrong; a lost connection rolls back by itself.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
