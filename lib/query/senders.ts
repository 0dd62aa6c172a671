import type { Database } from "#lib/db/open.ts";

/** A sender as it is kept. */
export interface SenderFacts {
  readonly proxy: string;
  readonly instance: string;
  readonly token: string | null;
  readonly address: string;
  readonly heardAt: Date;
  readonly skewMs: number | null;
  readonly skewAt: Date | null;
}

/** The senders whose clocks are worst off, then those heard last, and how many there are in all. */
export async function querySenders(
  db: Database,
  project: number,
  nowMs: number,
  limit: number,
): Promise<{ readonly items: SenderFacts[]; readonly total: number }> {
  const answer = await db.pool.query<SenderFacts & { total: string }>(
    `SELECT proxy, instance, token.name AS token, address, heard_at AS "heardAt",
            skew_ms AS "skewMs", skew_at AS "skewAt", count(*) OVER () AS total
       FROM sender LEFT JOIN token ON token.project_id = sender.project_id AND token.id::text = sender.token
      WHERE sender.project_id = $1
      ORDER BY coalesce(abs(skew_ms) > 1000 AND skew_at >= $2, false) DESC, heard_at DESC LIMIT $3`,
    [project, new Date(nowMs - freshMs), limit],
  );
  return { items: answer.rows, total: Number(answer.rows[0]?.total ?? 0) };
}

const freshMs = 300_000;
