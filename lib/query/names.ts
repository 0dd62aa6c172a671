import type { Database } from "#lib/db/open.ts";

/** Names by their numbers; a name never changes its number, so what was read once is kept. */
const known = new WeakMap<Database, Map<number, string>>();
const knownMax = 200_000;

/** Looks up the names of all numbers given; the answer gives "" for 0. */
export async function namesOf(
  db: Database,
  project: number,
  ids: Iterable<number>,
): Promise<(id: number) => string> {
  let names = known.get(db);
  if (names === undefined || names.size > knownMax) {
    names = new Map();
    known.set(db, names);
  }
  const missing = [...new Set(ids)].filter((id) => id !== 0 && !names.has(id));
  if (missing.length > 0) {
    const answer = await db.pool.query<{ id: number; value: string }>(
      "SELECT id, value FROM name WHERE project_id = $1 AND id = ANY ($2)",
      [project, missing],
    );
    for (const { id, value } of answer.rows) names.set(id, value);
  }
  const found = names;
  return (id) => (id === 0 ? "" : (found.get(id) ?? `#${id}`));
}

/** The number of a name; null when nothing of that name was ever seen. */
export async function idOfName(
  db: Database,
  project: number,
  kind: "proxy" | "upstream" | "instance",
  name: string,
): Promise<number | null> {
  const answer = await db.pool.query<{ id: number }>(
    "SELECT id FROM name WHERE project_id = $1 AND kind = $2 AND value = $3",
    [project, kind, name],
  );
  return answer.rows[0]?.id ?? null;
}
