import type { Database } from "#lib/db/open.ts";

/** Blocks that could not be merged. */
export interface BlocksAside {
  readonly project: number;
  readonly ids: readonly number[];
  readonly reason: string;
  readonly retryMs: number;
}

const reasonLengthMax = 500;

/** Leaves blocks alone until they are to be tried again. */
export async function setAside(
  db: Database,
  { project, ids, reason, retryMs }: BlocksAside,
): Promise<void> {
  await db.pool.query(
    `INSERT INTO block_aside (block_id, project_id, retry_at, reason)
     SELECT id, $1, $2, $3 FROM unnest($4::bigint[]) AS id
         ON CONFLICT (block_id) DO UPDATE SET retry_at = excluded.retry_at, reason = excluded.reason`,
    [project, new Date(retryMs), reason.replaceAll("\0", "").slice(0, reasonLengthMax), ids],
  );
}

/** Forgets why blocks were set aside that are merged by now, or that nobody will merge any more. */
export async function forgetAside(db: Database, blocksBelow: number): Promise<void> {
  await db.pool.query(
    `DELETE FROM block_aside
      WHERE block_id < $1
         OR NOT EXISTS (SELECT FROM block WHERE id = block_id AND last_id IS NULL)
        AND NOT EXISTS (SELECT FROM log_block WHERE id = block_id AND last_id IS NULL)`,
    [blocksBelow],
  );
}
