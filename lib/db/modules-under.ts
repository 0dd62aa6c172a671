import type { ClientBase, Pool } from "pg";

/** The numbers of the modules at or below a prefix. */
export async function modulesUnder(
  client: Pool | ClientBase,
  project: number,
  prefix: string,
): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM name WHERE project_id = $1 AND kind = 'module' AND (value = $2 OR starts_with(value, $2 || '/'))`,
    [project, prefix],
  );
  return new Set(rows.map(({ id }) => id));
}
