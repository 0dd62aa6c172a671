import type { Database } from "./open.ts";

/**
 * Does the work while this process alone holds the numbered lock; null when another one holds it.
 * The lock ends with its connection, so that another process takes over from one that was killed.
 */
export async function withLock<Result>(
  db: Database,
  lock: number,
  work: () => Promise<Result>,
): Promise<Result | null> {
  const client = await db.pool.connect();
  let usable = false;
  try {
    const answer = await client.query<{ locked: boolean }>(
      "SELECT pg_try_advisory_lock($1) AS locked",
      [lock],
    );
    if (answer.rows[0]?.locked !== true) {
      usable = true;
      return null;
    }
    try {
      return await work();
    } finally {
      // A connection that cannot let go of the lock is closed, which lets go of it.
      usable = await client.query("SELECT pg_advisory_unlock($1)", [lock]).then(
        () => true,
        () => false,
      );
    }
  } finally {
    client.release(!usable);
  }
}
