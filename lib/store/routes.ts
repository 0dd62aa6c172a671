import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

export interface StoredPolicy {
  readonly policy: unknown;
  readonly revision: number;
}

/** The stored tree of routes; null before anybody saved one. */
export async function readPolicy(
  on: Database["pool"] | ClientBase,
  project: number,
): Promise<StoredPolicy | null> {
  const answer = await on.query<StoredPolicy>(
    "SELECT policy, revision FROM notification_policy WHERE project_id = $1",
    [project],
  );
  return answer.rows[0] ?? null;
}

/** Replaces the tree that has the given revision (0: none yet); gives the new revision, null when somebody was faster. */
export async function writePolicy(
  on: Database["pool"] | ClientBase,
  project: number,
  policy: unknown,
  revision: number,
): Promise<number | null> {
  const answer = await on.query<{ revision: number }>(
    revision === 0
      ? `INSERT INTO notification_policy (project_id, policy) VALUES ($1, $2)
         ON CONFLICT (project_id) DO NOTHING RETURNING revision`
      : `UPDATE notification_policy SET policy = $2, revision = revision + 1, updated_at = now()
         WHERE project_id = $1 AND revision = $3 RETURNING revision`,
    [project, JSON.stringify(policy), ...(revision === 0 ? [] : [revision])],
  );
  return answer.rows[0]?.revision ?? null;
}
