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

/** When the last incident of an alert began, and when the one after the given; null where there is none. */
export async function loadIncidentTimes(
  db: Database,
  project: number,
  groupKey: string,
  afterMs: number | null,
): Promise<{ readonly lastMs: number | null; readonly nextMs: number | null }> {
  const answer = await db.pool.query<{ lastMs: number | null; nextMs: number | null }>(
    `SELECT (SELECT (extract(epoch FROM incident_at) * 1000)::float8 FROM alert_transition
              WHERE project_id = $1 AND group_key = $2 ORDER BY transition_seq DESC LIMIT 1) AS "lastMs",
            (SELECT (extract(epoch FROM min(incident_at)) * 1000)::float8 FROM alert_transition
              WHERE project_id = $1 AND group_key = $2 AND incident_at > $3) AS "nextMs"`,
    [project, groupKey, afterMs === null ? null : new Date(afterMs)],
  );
  return answer.rows[0] ?? { lastMs: null, nextMs: null };
}

/** The changes of state of one incident, newest first. */
export async function loadTransitions(
  db: Database,
  project: number,
  groupKey: string,
  incidentAtMs: number,
): Promise<TimelineTransition[]> {
  const answer = await db.pool.query<TimelineTransition>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", (extract(epoch FROM incident_at) * 1000)::float8 AS "incidentAtMs",
            state_before AS before, state, reason, "values"
       FROM alert_transition WHERE project_id = $1 AND group_key = $2 AND incident_at = $3
      ORDER BY transition_seq DESC LIMIT ${timelineMax}`,
    [project, groupKey, new Date(incidentAtMs)],
  );
  return answer.rows;
}

/** What people wrote beside one incident, newest first; older notes tell only by their time beside which. */
export async function loadNotes(
  db: Database,
  project: number,
  groupKey: string,
  incident: { readonly atMs: number; readonly nextMs: number | null },
): Promise<TimelineNote[]> {
  const { atMs, nextMs } = incident;
  const answer = await db.pool.query<TimelineNote>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", kind, author, text
       FROM alert_note WHERE project_id = $1 AND group_key = $2
        AND (incident_at = $3 OR (incident_at IS NULL AND at >= $3 AND ($4::timestamptz IS NULL OR at < $4)))
      ORDER BY id DESC LIMIT ${timelineMax}`,
    [project, groupKey, new Date(atMs), nextMs === null ? null : new Date(nextMs)],
  );
  return answer.rows;
}

/**
 * Writes a note beside an incident: the given one, or the alert's last. An acknowledgment also marks the alert and its
 * incident, in the same statement. False when that incident is unknown or, for an acknowledgment, over.
 */
export async function insertNote(
  db: Database,
  project: number,
  groupKey: string,
  note: Omit<TimelineNote, "atMs"> & { readonly incidentAtMs: number | null },
): Promise<boolean> {
  const answer = await db.pool.query(
    `WITH beside AS (SELECT incident_at FROM alert_transition
         WHERE project_id = $1 AND group_key = $2 AND ($6::timestamptz IS NULL OR incident_at = $6)
         ORDER BY transition_seq DESC LIMIT 1),
       open AS (SELECT active_at FROM alert_state WHERE project_id = $1 AND group_key = $2 AND state <> 'resolved'
         AND ($6::timestamptz IS NULL OR active_at = $6)),
       marked AS (UPDATE alert_state s SET acknowledged_at = now(), acknowledged_by = $4 FROM open
         WHERE s.project_id = $1 AND s.group_key = $2 AND $3 = 'acknowledged'),
       kept AS (UPDATE alert_incident i SET acknowledged_at = now(), acknowledged_by = $4 FROM open
         WHERE i.project_id = $1 AND i.group_key = $2 AND i.incident_at = open.active_at AND $3 = 'acknowledged')
     INSERT INTO alert_note (project_id, group_key, kind, author, text, incident_at)
     SELECT $1, $2, $3, $4, $5, incident_at FROM beside WHERE $3 = 'comment' OR EXISTS (SELECT FROM open)`,
    [
      project,
      groupKey,
      note.kind,
      note.author,
      note.text,
      note.incidentAtMs === null ? null : new Date(note.incidentAtMs),
    ],
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
