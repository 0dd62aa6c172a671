import type { ClientBase } from "pg";

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
  waits?: TransactionWaits,
): Promise<Result> {
  const client = await db.pool.connect();
  let usable = false;
  try {
    const result = await transactionOn(client, () => work(client), beginOf(waits));
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
  begin = "BEGIN",
): Promise<Result> {
  await client.query(begin);
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

/** In one message, as each further one would cost its way there and back. */
function beginOf(waits: TransactionWaits | undefined): string {
  if (waits === undefined) return "BEGIN";
  return `BEGIN; SET LOCAL lock_timeout = ${waits.lockMs}; SET LOCAL idle_in_transaction_session_timeout = ${waits.idleMs}`;
}
