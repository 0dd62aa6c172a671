import type { Database } from "#lib/db/open.ts";

import { boundsOf } from "./read-window.ts";

/** The newest records that lie in the future, by proxy and upstream: of senders whose clock is ahead. */
export async function readFuture(
  db: Database,
  project: number,
  nowMs: number,
): Promise<Map<string, number>> {
  const answer = await db.pool.query<{ proxy_id: number; upstream_id: number; last_at: Date }>(
    `SELECT proxy_id, upstream_id, max(last_at) AS last_at FROM rollup_open
      WHERE project_id = $1 AND step = 10 AND bucket >= $2 AND subject IN ('exchange', 'attempt')
      GROUP BY proxy_id, upstream_id`,
    [project, new Date(boundsOf(nowMs, 60).toMs)],
  );
  return new Map(
    answer.rows.map((row) => [`${row.proxy_id} ${row.upstream_id}`, row.last_at.getTime()]),
  );
}
