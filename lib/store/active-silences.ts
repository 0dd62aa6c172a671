import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** A silence that holds now. */
export interface ActiveSilence {
  readonly id: string;
  readonly matchers: unknown;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The silences of a project that hold at a time. */
export async function silencesAt(
  on: Database["pool"] | ClientBase,
  project: number,
  nowMs: number,
): Promise<ActiveSilence[]> {
  const answer = await on.query<ActiveSilence>(
    `SELECT id, matchers, starts_at AS "startsAt", ends_at AS "endsAt"
       FROM silence WHERE project_id = $1 AND starts_at <= $2 AND ends_at > $2`,
    [project, new Date(nowMs)],
  );
  return answer.rows;
}
