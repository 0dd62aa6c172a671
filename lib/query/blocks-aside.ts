import type { Database } from "#lib/db/open.ts";

/** How many small blocks cannot be merged, and why the last of them could not. */
export interface SetAside {
  readonly blocks: number;
  readonly reason: string | null;
}

/** The blocks of a project that wait, for hours, to be tried again. */
export async function querySetAside(db: Database, project: number): Promise<SetAside> {
  const { rows } = await db.pool.query<SetAside>(
    `SELECT count(*)::int AS blocks, (array_agg(reason ORDER BY retry_at DESC))[1] AS reason
       FROM block_aside WHERE project_id = $1`,
    [project],
  );
  return rows[0] ?? { blocks: 0, reason: null };
}
