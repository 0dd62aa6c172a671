import type { Database } from "#lib/db/open.ts";

/** Blocks read for one trace; a trace in more of them is shown in part. */
const blocksMax = 200;

/**
 * The ids of the blocks that hold spans of each trace, newest first. The hash of a trace is the last 8 bytes
 * of its id as Postgres' signed bigint in decimal.
 */
export async function queryTraceBlocks(
  db: Database,
  project: number,
  traceHashes: readonly string[],
): Promise<Map<string, number[]>> {
  const answer = await db.pool.query<{ hash: string; ids: string[] }>(
    `SELECT trace_hash::text AS hash, array_agg(DISTINCT block_id::text) AS ids FROM (
       SELECT trace_hash, block_id FROM exchange
        WHERE trace_hash = ANY ($2::bigint[]) AND trace_hash <> 0 AND project_id = $1
       UNION ALL
       SELECT trace_hash, block_id FROM trace_block
        WHERE trace_hash = ANY ($2::bigint[]) AND project_id = $1
     ) AS found GROUP BY trace_hash`,
    [project, traceHashes],
  );
  return new Map(
    answer.rows.map(({ hash, ids }) => [
      hash,
      ids
        .map(Number)
        .toSorted((a, b) => b - a)
        .slice(0, blocksMax),
    ]),
  );
}
