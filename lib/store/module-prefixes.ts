import type { ClientBase } from "pg";

import type { NumberedPrefix } from "#lib/core/module-prefix.ts";
import type { Database } from "#lib/db/open.ts";

/** A prefix whose exchanges are summed, and how far back. Times in epoch milliseconds. */
export interface StoredPrefix extends NumberedPrefix {
  /** Blocks made from then on are counted as they come in. */
  readonly countedFromMs: number;
  /** Back to then older records are counted too. */
  readonly filledFromMs: number;
  /** Whether there is nothing older left to count. */
  readonly filled: boolean;
}

/** Every prefix that is summed. */
export async function loadModulePrefixes(db: Database, project: number): Promise<StoredPrefix[]> {
  const answer = await db.pool.query<StoredPrefix>(
    `SELECT id, prefix, (extract(epoch FROM counted_from) * 1000)::float8 AS "countedFromMs",
            (extract(epoch FROM filled_from) * 1000)::float8 AS "filledFromMs", filled
       FROM module_prefix WHERE project_id = $1 ORDER BY id`,
    [project],
  );
  return answer.rows;
}

/** Adds prefixes that are to be summed. */
export async function insertModulePrefixes(
  db: Database,
  project: number,
  prefixes: readonly string[],
  { countedFromMs, filledFromMs }: Pick<StoredPrefix, "countedFromMs" | "filledFromMs">,
): Promise<void> {
  if (prefixes.length === 0) return;
  await db.pool.query(
    `INSERT INTO module_prefix (project_id, prefix, counted_from, filled_from)
     SELECT $1, unnest($2::text[]), $3, $4 ON CONFLICT DO NOTHING`,
    [project, prefixes, new Date(countedFromMs), new Date(filledFromMs)],
  );
}

/** Ends the summing of prefixes; their sums leave with the retention of rollups, and no number is used again. */
export async function deleteModulePrefixes(
  db: Database,
  project: number,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await db.pool.query("DELETE FROM module_prefix WHERE project_id = $1 AND id = ANY ($2)", [
    project,
    ids,
  ]);
}

/** Notes how far back a prefix is summed; false when it is not wanted any more. */
export async function noteFilled(
  client: ClientBase,
  project: number,
  { id, filledFromMs, filled }: Pick<StoredPrefix, "id" | "filledFromMs" | "filled">,
): Promise<boolean> {
  const answer = await client.query(
    "UPDATE module_prefix SET filled_from = $3, filled = $4 WHERE project_id = $1 AND id = $2",
    [project, id, new Date(filledFromMs), filled],
  );
  return answer.rowCount === 1;
}
