import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** A page that is scraped; the address is shown, so it holds no password. */
export interface TargetRow {
  readonly name: string;
  readonly url: string;
}

/** How one scrape went. */
export interface ScrapeOutcome {
  readonly scrapedMs: number;
  readonly up: boolean;
  readonly durationMs: number;
  readonly samples: number;
  readonly refused: number;
  readonly problem: string | null;
}

/** Makes the stored targets those of the settings; what is known of the others is forgotten. */
export async function keepTargets(
  db: Database,
  project: number,
  targets: readonly TargetRow[],
): Promise<void> {
  const names = targets.map(({ name }) => name);
  await db.pool.query(
    `INSERT INTO scrape_target (project_id, name, url, due_at)
     SELECT $1, name, url, 'epoch' FROM unnest($2::text[], $3::text[]) AS given (name, url)
      ORDER BY name
     ON CONFLICT (project_id, name) DO UPDATE SET url = excluded.url, due_at = 'epoch'
      WHERE scrape_target.url <> excluded.url`,
    [project, names, targets.map(({ url }) => url)],
  );
  await db.pool.query("DELETE FROM scrape_target WHERE project_id = $1 AND name <> ALL ($2)", [
    project,
    names,
  ]);
}

/** Takes the targets that are due, each for one worker only, and sets when they are due again. */
export async function claimDueTargets(
  db: Database,
  project: number,
  nowMs: number,
  everyMs: number,
): Promise<string[]> {
  const answer = await db.pool.query<{ name: string }>(
    `UPDATE scrape_target
        SET due_at = CASE WHEN due_at > $2::timestamptz - $3 * interval '1 ms'
                          THEN due_at ELSE $2::timestamptz END + $3 * interval '1 ms'
      WHERE project_id = $1 AND name IN (
        SELECT name FROM scrape_target WHERE project_id = $1 AND due_at <= $2
         ORDER BY due_at, name FOR UPDATE SKIP LOCKED)
      RETURNING name`,
    [project, new Date(nowMs).toISOString(), everyMs],
  );
  return answer.rows.map(({ name }) => name);
}

/** Notes how a scrape went, in the transaction that stores what it read. */
export async function noteScrape(
  client: ClientBase,
  project: number,
  name: string,
  outcome: ScrapeOutcome,
): Promise<void> {
  const { scrapedMs, up, durationMs, samples, refused, problem } = outcome;
  await client.query(
    `UPDATE scrape_target SET scraped_at = $3, up = $4, duration_ms = $5, samples = $6, refused = $7,
            problem = $8
      WHERE project_id = $1 AND name = $2`,
    [
      project,
      name,
      new Date(scrapedMs).toISOString(),
      up,
      Math.round(durationMs),
      samples,
      refused,
      problem,
    ],
  );
}
