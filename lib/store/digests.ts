import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

const digestBytes = 20;

/**
 * Digests (lower-case hex) of the requests that were stored in the last seconds before the newest block:
 * those whose answer a process that was killed may not have given. Waits for commits that are under way, as Postgres
 * still finishes what a killed process had asked it to commit.
 */
export async function newestDigests(db: Database, seconds: number): Promise<string[]> {
  const { rows } = await inTransaction(db, async (client) => {
    await client.query("LOCK TABLE ONLY block, ONLY log_block IN SHARE MODE");
    return client.query<{ digests: Buffer }>(
      `WITH newest AS (
         SELECT greatest((SELECT max(received_at) FROM block), (SELECT max(received_at) FROM log_block))
                - make_interval(secs => $1) AS since
       )
       SELECT digests FROM block, newest WHERE received_at >= since
       UNION ALL
       SELECT digests FROM log_block, newest WHERE received_at >= since`,
      [seconds],
    );
  });
  return rows.flatMap(({ digests }) => {
    const found: string[] = [];
    for (let at = 0; at + digestBytes <= digests.length; at += digestBytes) {
      found.push(digests.toString("hex", at, at + digestBytes));
    }
    return found;
  });
}

/** A number that tells this ingest process apart from the others in the ids of its blocks. */
export async function nextProcessNumber(db: Database): Promise<number> {
  const answer = await db.pool.query<{ number: string }>(
    "SELECT nextval('ingest_process_seq') AS number",
  );
  return Number(answer.rows[0]?.number ?? 0);
}
