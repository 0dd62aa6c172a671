import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** What the last evaluation of all rules was. */
export interface StoredEvaluation {
  readonly atMs: number;
  readonly tookMs: number;
  readonly rules: number;
  /** Rules times groups. */
  readonly instances: number;
  /** Why a rule could not be evaluated, by its key. */
  readonly problems: Readonly<Record<string, string>>;
}

/** The last evaluation; null before the first. */
export async function loadEvaluation(
  db: Database,
  project: number,
): Promise<StoredEvaluation | null> {
  const answer = await db.pool.query<StoredEvaluation>(
    `SELECT (extract(epoch FROM evaluated_at) * 1000)::float8 AS "atMs", took_ms AS "tookMs", rules, instances, problems
       FROM alert_evaluation WHERE project_id = $1`,
    [project],
  );
  return answer.rows[0] ?? null;
}

/** Writes down that all rules were evaluated. */
export async function writeEvaluation(
  client: ClientBase,
  project: number,
  one: StoredEvaluation,
): Promise<void> {
  await client.query(
    `INSERT INTO alert_evaluation (project_id, evaluated_at, took_ms, rules, instances, problems) VALUES ($1, $2, $3, $4, $5, $6::jsonb)
     ON CONFLICT (project_id) DO UPDATE SET evaluated_at = excluded.evaluated_at, took_ms = excluded.took_ms,
       rules = excluded.rules, instances = excluded.instances, problems = excluded.problems`,
    [
      project,
      new Date(one.atMs),
      Math.round(one.tookMs),
      one.rules,
      one.instances,
      JSON.stringify(one.problems),
    ],
  );
}

/** Forgets transitions and notes from before a time, and incidents that ended before it. */
export async function forgetTransitions(
  db: Database,
  project: number,
  beforeMs: number,
): Promise<void> {
  const before = new Date(beforeMs);
  await db.pool.query("DELETE FROM alert_transition WHERE project_id = $1 AND at < $2", [
    project,
    before,
  ]);
  await db.pool.query("DELETE FROM alert_note WHERE project_id = $1 AND at < $2", [
    project,
    before,
  ]);
  await db.pool.query("DELETE FROM alert_incident WHERE project_id = $1 AND resolved_at < $2", [
    project,
    before,
  ]);
}
