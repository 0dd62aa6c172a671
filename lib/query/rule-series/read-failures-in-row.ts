import { sourceCodes } from "#lib/core/codes.ts";
import type { Database } from "#lib/db/open.ts";

import type { GroupSums } from "./group-sums.ts";

/** With more attempts than this in 10 s the next bucket tells soon enough, and looking at each would cost too much. */
const attemptsMax = 20_000;
const bucketMs = 10_000;

/**
 * Looks at the single attempts of groups whose newest bucket holds failures and others, and notes how many failures
 * end it: rollups know how many failed, not in which order.
 */
export async function readFailuresInRow(
  db: Database,
  project: number,
  groups: readonly GroupSums[],
): Promise<void> {
  const mixed = groups.flatMap((group) => {
    const newest = group.recent?.newestMixed() ?? null;
    return newest === null ? [] : [{ group, ...newest }];
  });
  const attempts = mixed.reduce((sum, { all }) => sum + all, 0);
  if (mixed.length === 0 || attempts > attemptsMax) return;
  const answer = await db.pool.query<{ proxy_id: number; upstream_id: number; failures: number }>(
    `WITH wanted AS (SELECT * FROM unnest($2::int[], $3::int[], $4::smallint[], $5::timestamptz[]) AS w(proxy_id, upstream_id, source, bucket)),
       tried AS (
         SELECT a.proxy_id, a.upstream_id, bool_or(a.status NOT IN (0, 503, 504) AND a.error_type = 0) OVER (
             PARTITION BY a.proxy_id, a.upstream_id ORDER BY a.started_at DESC, a.block_id DESC, a.position DESC, a.ordinal DESC
             ROWS UNBOUNDED PRECEDING) AS ended
           FROM attempt a JOIN wanted w USING (proxy_id, upstream_id, source)
          WHERE a.project_id = $1 AND a.started_at >= $6 AND a.started_at < $7
            AND a.started_at >= w.bucket AND a.started_at < w.bucket + interval '10 seconds')
     SELECT proxy_id, upstream_id, count(*) FILTER (WHERE NOT ended)::int AS failures FROM tried GROUP BY proxy_id, upstream_id`,
    [
      project,
      mixed.map(({ group }) => group.proxyId),
      mixed.map(({ group }) => group.upstreamId),
      mixed.map(({ group }) => sourceCodes.codeOf(group.recent?.source ?? null)),
      mixed.map((one) => new Date(one.bucketMs)),
      new Date(Math.min(...mixed.map((one) => one.bucketMs))),
      new Date(Math.max(...mixed.map((one) => one.bucketMs)) + bucketMs),
    ],
  );
  const found = new Map(answer.rows.map((row) => [`${row.proxy_id} ${row.upstream_id}`, row]));
  for (const { group } of mixed) {
    group.exactInRow = found.get(`${group.proxyId} ${group.upstreamId}`)?.failures ?? null;
  }
}
