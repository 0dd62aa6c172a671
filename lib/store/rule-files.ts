import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";

/** A file with rules as it was last read. */
export interface StoredRuleFile {
  readonly path: string;
  readonly digest: string;
  readonly problem: string | null;
  readonly line: number | null;
  readonly readAtMs: number;
}

/** A rule of a file. */
export interface FileRule {
  readonly key: string;
  readonly enabled: boolean;
  readonly definition: unknown;
}

/** Every file that was read, also those whose newest content is refused. */
export async function loadRuleFiles(db: Database, project: number): Promise<StoredRuleFile[]> {
  const answer = await db.pool.query<StoredRuleFile>(
    `SELECT path, digest, problem, line, (extract(epoch FROM read_at) * 1000)::float8 AS "readAtMs"
       FROM rule_file WHERE project_id = $1 ORDER BY path`,
    [project],
  );
  return answer.rows;
}

/** Puts the rules of a file in force, all of them at once, in the place of those it had before. */
export async function storeRuleFile(
  db: Database,
  project: number,
  path: string,
  digest: string,
  rules: readonly FileRule[],
): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query(
      "DELETE FROM alert_rule WHERE project_id = $1 AND origin = 'file' AND file = $2",
      [project, path],
    );
    for (const { key, enabled, definition } of rules) {
      await client.query(
        "INSERT INTO alert_rule (project_id, key, origin, file, enabled, definition) VALUES ($1, $2, 'file', $3, $4, $5::jsonb)",
        [project, key, path, enabled, JSON.stringify(definition)],
      );
    }
    await client.query(upsertFile, [project, path, digest, null, null]);
  });
}

/** Notes why the newest content of a file is refused; its rules stay as they are. */
export async function refuseRuleFile(
  db: Database,
  project: number,
  file: Omit<StoredRuleFile, "readAtMs">,
): Promise<void> {
  await db.pool.query(upsertFile, [project, file.path, file.digest, file.problem, file.line]);
}

/** Forgets files that are gone, with their rules. */
export async function forgetRuleFiles(
  db: Database,
  project: number,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  await inTransaction(db, async (client) => {
    await client.query(
      "DELETE FROM alert_rule WHERE project_id = $1 AND origin = 'file' AND file = ANY ($2)",
      [project, paths],
    );
    await client.query("DELETE FROM rule_file WHERE project_id = $1 AND path = ANY ($2)", [
      project,
      paths,
    ]);
  });
}

const upsertFile = `INSERT INTO rule_file (project_id, path, digest, problem, line, read_at) VALUES ($1, $2, $3, $4, $5, now())
  ON CONFLICT (project_id, path) DO UPDATE SET digest = excluded.digest, problem = excluded.problem, line = excluded.line, read_at = now()`;
