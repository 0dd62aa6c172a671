import type { Database } from "#lib/db/open.ts";

/** An objective as it is stored; its definition is read by the contract. Null: a ready-made one that was deleted. */
export interface StoredSlo {
  readonly key: string;
  readonly definition: unknown;
  readonly budgetState: string;
}

export interface StoredCorrection {
  readonly id: string;
  readonly sloKey: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
  readonly author: string;
  readonly createdAtMs: number;
}

/** Every objective that somebody wrote, changed or deleted. */
export async function loadSlos(db: Database, project: number): Promise<StoredSlo[]> {
  const answer = await db.pool.query<StoredSlo>(
    `SELECT key, definition, budget_state AS "budgetState" FROM slo WHERE project_id = $1 ORDER BY key`,
    [project],
  );
  return answer.rows;
}

/** Stores an objective over what there was under its key; null for its definition hides a ready-made one. */
export async function upsertSlo(
  db: Database,
  project: number,
  key: string,
  definition: unknown,
): Promise<void> {
  await db.pool.query(
    `INSERT INTO slo (project_id, key, definition) VALUES ($1, $2, $3::jsonb)
     ON CONFLICT (project_id, key) DO UPDATE SET definition = excluded.definition, revision = slo.revision + 1, updated_at = now()`,
    [project, key, JSON.stringify(definition)],
  );
}

/** Deletes an objective with its corrections; false when there was none. */
export async function deleteSlo(db: Database, project: number, key: string): Promise<boolean> {
  const answer = await db.pool.query("DELETE FROM slo WHERE project_id = $1 AND key = $2", [
    project,
    key,
  ]);
  return answer.rowCount === 1;
}

/** Notes how objectives stand, for the hysteresis of the next time. */
export async function noteBudgetState(
  db: Database,
  project: number,
  key: string,
  state: string,
): Promise<void> {
  await db.pool.query(
    "UPDATE slo SET budget_state = $3 WHERE project_id = $1 AND key = $2 AND budget_state <> $3",
    [project, key, state],
  );
}

/** The corrections of one objective, or of all. */
export async function loadCorrections(
  db: Database,
  project: number,
  sloKey: string | null = null,
): Promise<StoredCorrection[]> {
  const answer = await db.pool.query<StoredCorrection>(
    `SELECT id::text, slo_key AS "sloKey", (extract(epoch FROM from_at) * 1000)::float8 AS "fromMs",
            (extract(epoch FROM to_at) * 1000)::float8 AS "toMs", reason, author,
            (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs"
       FROM slo_correction WHERE project_id = $1 AND ($2::text IS NULL OR slo_key = $2) ORDER BY from_at DESC`,
    [project, sloKey],
  );
  return answer.rows;
}

/** Stores a correction of a stored objective and gives its id. */
export async function insertCorrection(
  db: Database,
  project: number,
  one: Omit<StoredCorrection, "id" | "createdAtMs">,
): Promise<string> {
  const answer = await db.pool.query<{ id: string }>(
    `INSERT INTO slo_correction (project_id, slo_key, from_at, to_at, reason, author) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id::text`,
    [project, one.sloKey, new Date(one.fromMs), new Date(one.toMs), one.reason, one.author],
  );
  return answer.rows[0]?.id ?? "";
}

/** Deletes a correction; false when there was none. */
export async function deleteCorrection(
  db: Database,
  project: number,
  sloKey: string,
  id: string,
): Promise<boolean> {
  const answer = await db.pool.query(
    "DELETE FROM slo_correction WHERE project_id = $1 AND slo_key = $2 AND id = $3::bigint",
    [project, sloKey, id],
  );
  return answer.rowCount === 1;
}
