import type { RuleOrigin } from "#lib/core/rule.ts";
import type { Database } from "#lib/db/open.ts";

/** A rule as it is stored; its definition is read by the contract. */
export interface StoredRule {
  readonly key: string;
  readonly origin: Exclude<RuleOrigin, "slo">;
  readonly file: string | null;
  readonly enabled: boolean;
  readonly definition: unknown;
}

/** Every rule that somebody wrote or changed. */
export async function loadRules(db: Database, project: number): Promise<StoredRule[]> {
  const answer = await db.pool.query<StoredRule>(
    "SELECT key, origin, file, enabled, definition FROM alert_rule WHERE project_id = $1 ORDER BY key",
    [project],
  );
  return answer.rows;
}

/** Stores a new rule; false when its key is taken. */
export async function insertRule(
  db: Database,
  project: number,
  rule: StoredRule,
): Promise<boolean> {
  const answer = await db.pool.query(
    `INSERT INTO alert_rule (project_id, key, origin, file, enabled, definition) VALUES ($1, $2, $3, $4, $5, $6::jsonb)
     ON CONFLICT DO NOTHING`,
    [project, rule.key, rule.origin, rule.file, rule.enabled, JSON.stringify(rule.definition)],
  );
  return answer.rowCount === 1;
}

/** Stores a rule over what there was under its key. */
export async function upsertRule(db: Database, project: number, rule: StoredRule): Promise<void> {
  await db.pool.query(
    `INSERT INTO alert_rule (project_id, key, origin, file, enabled, definition) VALUES ($1, $2, $3, $4, $5, $6::jsonb)
     ON CONFLICT (project_id, key) DO UPDATE SET origin = excluded.origin, file = excluded.file, enabled = excluded.enabled,
       definition = excluded.definition, revision = alert_rule.revision + 1, updated_at = now()`,
    [project, rule.key, rule.origin, rule.file, rule.enabled, JSON.stringify(rule.definition)],
  );
}

/** Deletes a rule; false when there was none. */
export async function deleteRule(db: Database, project: number, key: string): Promise<boolean> {
  const answer = await db.pool.query("DELETE FROM alert_rule WHERE project_id = $1 AND key = $2", [
    project,
    key,
  ]);
  return answer.rowCount === 1;
}
