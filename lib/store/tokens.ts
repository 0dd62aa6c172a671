import type { Database } from "#lib/db/open.ts";

/** A token as it is stored: never itself, only its hash. */
export interface StoredToken {
  readonly project: number;
  readonly id: string;
  readonly name: string;
  readonly use: string;
  readonly hint: string;
  readonly recordsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

export type NewToken = Pick<
  StoredToken,
  "id" | "name" | "use" | "hint" | "recordsPerSecond" | "bytesPerSecond" | "expiresAt"
> & {
  /** SHA-256 in hex. */
  readonly hash: string;
};

const columns = `project_id AS project, id, name, use, hint, records_per_second AS "recordsPerSecond",
  bytes_per_second AS "bytesPerSecond", expires_at AS "expiresAt", revoked_at AS "revokedAt",
  last_used_at AS "lastUsedAt", created_at AS "createdAt"`;

/** Every token of a project, those in use first, then by name. */
export async function listTokens(db: Database, project: number): Promise<StoredToken[]> {
  const answer = await db.pool.query<StoredToken>(
    `SELECT ${columns} FROM token WHERE project_id = $1
      ORDER BY revoked_at IS NOT NULL, lower(name), created_at DESC`,
    [project],
  );
  return answer.rows;
}

/** Every token of every project with its hash in hex. */
export async function tokensByHash(db: Database): Promise<Map<string, StoredToken>> {
  const answer = await db.pool.query<StoredToken & { hash: string }>(
    `SELECT encode(hash, 'hex') AS hash, ${columns} FROM token`,
  );
  return new Map(answer.rows.map((row) => [row.hash, row]));
}

/** The token with a hash; null when there is none. */
export async function tokenByHash(db: Database, hash: string): Promise<StoredToken | null> {
  const answer = await db.pool.query<StoredToken>(
    `SELECT ${columns} FROM token WHERE hash = decode($1, 'hex')`,
    [hash],
  );
  return answer.rows[0] ?? null;
}

/** Adds a token; null when another one in use has its name. */
export async function insertToken(
  db: Database,
  project: number,
  token: NewToken,
): Promise<StoredToken | null> {
  const answer = await db.pool.query<StoredToken>(
    `INSERT INTO token (project_id, id, name, use, hash, hint, records_per_second, bytes_per_second, expires_at)
     VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6, $7, $8, $9)
     ON CONFLICT (project_id, name) WHERE revoked_at IS NULL DO NOTHING RETURNING ${columns}`,
    [
      project,
      token.id,
      token.name,
      token.use,
      token.hash,
      token.hint,
      token.recordsPerSecond,
      token.bytesPerSecond,
      token.expiresAt,
    ],
  );
  return answer.rows[0] ?? null;
}

/** Ends a token for good; null when there is none with this id. One that was revoked before stays as it was. */
export async function revokeToken(
  db: Database,
  project: number,
  id: string,
  nowMs: number,
): Promise<StoredToken | null> {
  const answer = await db.pool.query<StoredToken>(
    `UPDATE token SET revoked_at = coalesce(revoked_at, $3)
      WHERE project_id = $1 AND id = $2 RETURNING ${columns}`,
    [project, id, new Date(nowMs)],
  );
  return answer.rows[0] ?? null;
}

/** Notes when tokens were last used. */
export async function noteTokensUsed(
  db: Database,
  usedMs: ReadonlyMap<string, number>,
): Promise<void> {
  if (usedMs.size === 0) return;
  await db.pool.query(
    `UPDATE token SET last_used_at = greatest(last_used_at, used.at)
       FROM unnest($1::uuid[], $2::timestamptz[]) AS used(id, at) WHERE token.id = used.id`,
    [[...usedMs.keys()], [...usedMs.values()].map((timeMs) => new Date(timeMs))],
  );
}

/** Forgets tokens that ended before a time: until then their senders are told why they are refused. */
export async function forgetEndedTokens(db: Database, beforeMs: number): Promise<void> {
  await db.pool.query("DELETE FROM token WHERE least(revoked_at, expires_at) < $1", [
    new Date(beforeMs),
  ]);
}
