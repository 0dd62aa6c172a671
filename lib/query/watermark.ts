import type { Database } from "#lib/db/open.ts";

/** How far back the newest record is looked for. */
const lookedBackMs = 7 * 86_400_000;

/**
 * Up to when telemetry is in: the start of the minute of the newest record, and never in the future.
 * Null when nothing came for a week. Objectives are anchored to it: anchored to now they would read better than they are.
 */
export async function queryWatermark(
  db: Database,
  project: number,
  nowMs: number,
): Promise<number | null> {
  const answer = await db.pool.query<{ last: number | null }>(
    `SELECT (extract(epoch FROM max(last_at)) * 1000)::float8 AS last FROM (
       SELECT max(last_at) AS last_at FROM rollup_open WHERE step <= 60 AND bucket >= $2 AND bucket <= $3 AND project_id = $1
       UNION ALL
       (SELECT last_at FROM rollup_1m WHERE bucket >= $2 AND bucket <= $3 AND project_id = $1 ORDER BY bucket DESC LIMIT 1)
     ) newest`,
    [project, new Date(nowMs - lookedBackMs), new Date(nowMs)],
  );
  const lastMs = answer.rows[0]?.last ?? null;
  return lastMs === null ? null : Math.floor(Math.min(lastMs, nowMs) / 60_000) * 60_000;
}
