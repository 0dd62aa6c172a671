import type { Database } from "#lib/db/open.ts";

/** A measurement older than this says nothing of now. */
const freshMs = 300_000;

/** By proxy, how far the clock of its worst sender is off in milliseconds, ahead or behind. */
export async function readClocks(
  db: Database,
  project: number,
  nowMs: number,
): Promise<Map<string, number>> {
  const answer = await db.pool.query<{ proxy: string; off: number }>(
    `SELECT proxy, max(abs(skew_ms)) AS off FROM sender
      WHERE project_id = $1 AND heard_at >= $2 AND skew_at >= $2 GROUP BY proxy`,
    [project, new Date(nowMs - freshMs)],
  );
  return new Map(answer.rows.map(({ proxy, off }) => [proxy, off]));
}
