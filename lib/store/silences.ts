import type { Database } from "#lib/db/open.ts";

/** A silence as it is stored; its matchers are read by the contract. */
export interface StoredSilence {
  readonly id: string;
  readonly matchers: unknown;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly author: string;
  readonly reason: string;
}

const columns = `id::text, matchers, (extract(epoch FROM starts_at) * 1000)::float8 AS "startsAtMs",
  (extract(epoch FROM ends_at) * 1000)::float8 AS "endsAtMs", author, reason`;

/** Silences that end after a time, the last to end first. */
export async function loadSilences(
  db: Database,
  project: number,
  endsAfterMs: number,
): Promise<StoredSilence[]> {
  const answer = await db.pool.query<StoredSilence>(
    `SELECT ${columns} FROM silence WHERE project_id = $1 AND ends_at > $2 ORDER BY ends_at DESC, id`,
    [project, new Date(endsAfterMs)],
  );
  return answer.rows;
}

const silencesMax = 1_000;

/** Silences that held at any time between two, the first to begin first. */
export async function loadSilencesBetween(
  db: Database,
  project: number,
  fromMs: number,
  toMs: number,
): Promise<StoredSilence[]> {
  const answer = await db.pool.query<StoredSilence>(
    `SELECT ${columns} FROM silence WHERE project_id = $1 AND starts_at < $3 AND ends_at > $2 AND ends_at > starts_at
      ORDER BY starts_at, id LIMIT ${silencesMax}`,
    [project, new Date(fromMs), new Date(toMs)],
  );
  return answer.rows;
}

/** Stores a silence over what there was under its id. */
export async function upsertSilence(
  db: Database,
  project: number,
  one: StoredSilence,
): Promise<void> {
  await db.pool.query(
    `INSERT INTO silence (project_id, id, matchers, starts_at, ends_at, author, reason) VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7)
     ON CONFLICT (project_id, id) DO UPDATE SET matchers = excluded.matchers, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
       author = excluded.author, reason = excluded.reason, updated_at = now()`,
    [
      project,
      one.id,
      JSON.stringify(one.matchers),
      new Date(one.startsAtMs),
      new Date(one.endsAtMs),
      one.author,
      one.reason,
    ],
  );
}

/** Ends a silence now, or before it starts; it stays readable. False when none was pending or active. */
export async function expireSilence(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const answer = await db.pool.query(
    `UPDATE silence SET ends_at = $3, starts_at = least(starts_at, $3), updated_at = now()
      WHERE project_id = $1 AND id = $2 AND ends_at > $3`,
    [project, id, new Date(nowMs)],
  );
  return answer.rowCount === 1;
}
