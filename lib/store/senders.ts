import type { Database } from "#lib/db/open.ts";

/** A sender as ingest last heard it. */
export interface SenderRow {
  readonly project: number;
  readonly proxy: string;
  readonly instance: string;
  /** Id of its token; "" for VIASCOPE_INGEST_TOKEN and senders on this machine. */
  readonly token: string;
  readonly address: string;
  readonly heardMs: number;
  /** How far its clock is ahead; null is not known, which leaves what was known before to grow old. */
  readonly skewMs: number | null;
}

/** Notes when senders were last heard and how far their clocks are off. */
export async function saveSenders(db: Database, rows: readonly SenderRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.pool.query(
    `INSERT INTO sender AS known (project_id, proxy, instance, token, address, heard_at, skew_ms, skew_at)
     SELECT project, proxy, instance, token, address, heard, skew, CASE WHEN skew IS NOT NULL THEN heard END
       FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::int[])
         AS row(project, proxy, instance, token, address, heard, skew)
      ORDER BY project, proxy, instance, token, address
     ON CONFLICT (project_id, proxy, instance, token, address) DO UPDATE SET
       heard_at = greatest(known.heard_at, excluded.heard_at),
       skew_ms = coalesce(excluded.skew_ms, known.skew_ms),
       skew_at = coalesce(excluded.skew_at, known.skew_at)`,
    [
      rows.map(({ project }) => project),
      rows.map(({ proxy }) => stored(proxy)),
      rows.map(({ instance }) => stored(instance)),
      rows.map(({ token }) => token),
      rows.map(({ address }) => address),
      rows.map(({ heardMs }) => new Date(heardMs)),
      rows.map(({ skewMs }) => (skewMs === null ? null : clamped(skewMs))),
    ],
  );
}

/** Forgets senders that were last heard before a time, and the oldest of too many. */
export async function forgetSenders(db: Database, beforeMs: number, most: number): Promise<void> {
  await db.pool.query("DELETE FROM sender WHERE heard_at < $1", [new Date(beforeMs)]);
  await db.pool.query(
    `DELETE FROM sender WHERE heard_at <
       (SELECT heard_at FROM sender ORDER BY heard_at DESC OFFSET $1 LIMIT 1)`,
    [most],
  );
}

/** Postgres takes no NUL in a text. */
function stored(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}

const int4Max = 2_147_483_647;

function clamped(value: number): number {
  return Math.max(-int4Max, Math.min(int4Max, Math.round(value)));
}
