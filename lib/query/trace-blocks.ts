import type { Database } from "#lib/db/open.ts";

/** Blocks read for one trace; a trace in more of them is shown in part. */
const blocksMax = 200;

/**
 * The ids of the blocks that hold spans of a trace, newest first. The hash is the last 8 bytes of the trace id
 * as Postgres' signed bigint in decimal.
 */
export async function queryTraceBlocks(
  db: Database,
  project: number,
  traceHash: string,
): Promise<number[]> {
  const answer = await db.pool.query<{ id: string }>(
    `SELECT DISTINCT block_id AS id FROM (
       SELECT block_id FROM exchange WHERE trace_hash = $2 AND trace_hash <> 0 AND project_id = $1
       UNION ALL
       SELECT block_id FROM trace_block WHERE trace_hash = $2 AND project_id = $1
     ) AS found ORDER BY id DESC LIMIT ${blocksMax}`,
    [project, traceHash],
  );
  return answer.rows.map((row) => Number(row.id));
}
