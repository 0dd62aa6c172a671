import type { AlertState } from "#lib/core/alert.ts";
import type { Database } from "#lib/db/open.ts";

/** A change of state as it was written down; its values are read by the contract. */
export interface TimelineTransition {
  readonly atMs: number;
  readonly incidentAtMs: number;
  readonly before: AlertState;
  readonly state: AlertState;
  readonly reason: string;
  readonly values: unknown;
}

/** What somebody wrote beside an alert. */
export interface TimelineNote {
  readonly atMs: number;
  readonly kind: "acknowledged" | "comment";
  readonly author: string;
  readonly text: string;
}

const timelineMax = 500;

/** The changes of state of one alert, newest first. */
export async function loadTransitions(
  db: Database,
  project: number,
  groupKey: string,
): Promise<TimelineTransition[]> {
  const answer = await db.pool.query<TimelineTransition>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", (extract(epoch FROM incident_at) * 1000)::float8 AS "incidentAtMs",
            state_before AS before, state, reason, "values"
       FROM alert_transition WHERE project_id = $1 AND group_key = $2 ORDER BY transition_seq DESC LIMIT ${timelineMax}`,
    [project, groupKey],
  );
  return answer.rows;
}

/** What people wrote beside one alert, newest first. */
export async function loadNotes(
  db: Database,
  project: number,
  groupKey: string,
): Promise<TimelineNote[]> {
  const answer = await db.pool.query<TimelineNote>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", kind, author, text
       FROM alert_note WHERE project_id = $1 AND group_key = $2 ORDER BY id DESC LIMIT ${timelineMax}`,
    [project, groupKey],
  );
  return answer.rows;
}

/** Writes a note; an acknowledgment also marks the alert, in the same statement. False when the alert is not open. */
export async function insertNote(
  db: Database,
  project: number,
  groupKey: string,
  note: Omit<TimelineNote, "atMs">,
): Promise<boolean> {
  const answer = await db.pool.query(
    `WITH open AS (SELECT group_key FROM alert_state WHERE project_id = $1 AND group_key = $2 AND state <> 'resolved'),
       marked AS (UPDATE alert_state s SET acknowledged_at = now(), acknowledged_by = $4 FROM open
         WHERE s.project_id = $1 AND s.group_key = open.group_key AND $3 = 'acknowledged')
     INSERT INTO alert_note (project_id, group_key, kind, author, text)
     SELECT $1, $2, $3, $4, $5 WHERE $3 = 'comment' OR EXISTS (SELECT FROM open)`,
    [project, groupKey, note.kind, note.author, note.text],
  );
  return answer.rowCount === 1;
}

/** Who acknowledged which open alert, and when. */
export async function loadAcknowledgments(
  db: Database,
  project: number,
): Promise<Map<string, { readonly atMs: number; readonly by: string }>> {
  const answer = await db.pool.query<{ key: string; atMs: number; by: string }>(
    `SELECT group_key AS key, (extract(epoch FROM acknowledged_at) * 1000)::float8 AS "atMs", acknowledged_by AS by
       FROM alert_state WHERE project_id = $1 AND acknowledged_at IS NOT NULL`,
    [project],
  );
  return new Map(answer.rows.map(({ key, atMs, by }) => [key, { atMs, by }]));
}

/** How often each alert began to fire since a time. */
export async function countFirings(
  db: Database,
  project: number,
  sinceMs: number,
): Promise<Map<string, number>> {
  const answer = await db.pool.query<{ key: string; times: number }>(
    `SELECT group_key AS key, count(*)::int AS times FROM alert_transition
      WHERE project_id = $1 AND at >= $2 AND state = 'firing' GROUP BY group_key`,
    [project, new Date(sinceMs)],
  );
  return new Map(answer.rows.map(({ key, times }) => [key, times]));
}
