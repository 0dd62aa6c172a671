import type { Database } from "#lib/db/open.ts";

import { digestNumber } from "./request-digests.ts";

/** What an ingest process knows of its answers. */
export interface KnownAnswers {
  readonly process: number;
  /** Answers to requests that were stored before this are written out, but for the lost ones. */
  readonly answeredBeforeMs: number;
  /** Digests of requests that are stored, and whose answers did not arrive. */
  readonly lost: readonly string[];
}

/** A number that tells this ingest process apart from all others, also from those that are gone. */
export async function nextProcessNumber(db: Database): Promise<number> {
  const answer = await db.pool.query<{ number: string }>(
    "SELECT nextval('ingest_process_seq') AS number",
  );
  return Number(answer.rows[0]?.number ?? 0);
}

/** Tells the other processes. */
export async function tellAnswers(db: Database, known: KnownAnswers): Promise<void> {
  await db.pool.query(
    `INSERT INTO ingest_answers (process, answered_before, lost, told_at) VALUES ($1, $2, $3, now())
     ON CONFLICT (process) DO UPDATE
       SET answered_before = excluded.answered_before, lost = excluded.lost, told_at = now()`,
    [known.process, new Date(known.answeredBeforeMs), known.lost.map(digestNumber)],
  );
}

/** Forgets processes that have told nothing for a day: nothing is left of what they stored then. */
export async function forgetAnswers(db: Database): Promise<void> {
  await db.pool.query(
    `DELETE FROM ingest_answers WHERE told_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM request_digest WHERE request_digest.process = ingest_answers.process)`,
  );
}
