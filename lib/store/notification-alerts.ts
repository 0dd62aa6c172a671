import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** A row of the outbox. */
export interface OutboxRow {
  /** Decimal. */
  readonly id: string;
  readonly groupKey: string;
  readonly createdAtMs: number;
  readonly payload: unknown;
}

/** An alert as the outbox last told it. */
export interface NotifiedAlert {
  readonly alertKey: string;
  /** Decimal; grows with every change. */
  readonly version: string;
  readonly alert: unknown;
}

/** One number per project and purpose, away from those of other locks. */
const intakeLock = 0x6e_6f_74_69;

/** Takes turns on the tables of alerts and groups until the transaction ends: whoever puts alerts into groups is alone. */
export async function lockIntake(client: ClientBase, project: number): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1, $2)", [intakeLock, project]);
}

/** Projects with something in the outbox. */
export async function projectsWithOutbox(db: Database): Promise<number[]> {
  const answer = await db.pool.query<{ project: number }>(
    "SELECT DISTINCT project_id AS project FROM notification_outbox",
  );
  return answer.rows.map(({ project }) => project);
}

/** Takes the oldest rows out of the outbox, in the order they were written. */
export async function takeOutbox(
  client: ClientBase,
  project: number,
  limit: number,
): Promise<OutboxRow[]> {
  const answer = await client.query<{
    id: string;
    groupKey: string;
    createdAt: Date;
    payload: unknown;
  }>(
    `WITH taken AS (
       DELETE FROM notification_outbox WHERE project_id = $1 AND id IN (
         SELECT id FROM notification_outbox WHERE project_id = $1 ORDER BY id LIMIT $2)
       RETURNING id, group_key, created_at, payload)
     SELECT id::text, group_key AS "groupKey", created_at AS "createdAt", payload
       FROM taken ORDER BY taken.id`,
    [project, limit],
  );
  return answer.rows.map(({ createdAt, ...row }) => ({ ...row, createdAtMs: createdAt.getTime() }));
}

/** Writes how alerts stand now. */
export async function putAlerts(
  client: ClientBase,
  project: number,
  alerts: readonly (NotifiedAlert & { readonly status: string })[],
  nowMs: number,
): Promise<void> {
  await client.query(
    `INSERT INTO notification_alert (project_id, alert_key, version, status, alert, updated_at)
     SELECT $1, told.key, told.version, told.status, told.alert, $6
       FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[]) AS told (key, version, status, alert)
     ON CONFLICT (project_id, alert_key) DO UPDATE
       SET version = excluded.version, status = excluded.status, alert = excluded.alert,
           updated_at = excluded.updated_at`,
    [
      project,
      alerts.map((one) => one.alertKey),
      alerts.map((one) => one.version),
      alerts.map((one) => one.status),
      alerts.map((one) => JSON.stringify(one.alert)),
      new Date(nowMs),
    ],
  );
}

/** Every alert that notification knows of. */
export async function everyAlert(
  on: Database["pool"] | ClientBase,
  project: number,
): Promise<NotifiedAlert[]> {
  const answer = await on.query<NotifiedAlert>(
    `SELECT alert_key AS "alertKey", version::text, alert FROM notification_alert WHERE project_id = $1`,
    [project],
  );
  return answer.rows;
}

/** Forgets alerts that ended and that no group waits to tell. */
export async function forgetToldAlerts(client: ClientBase): Promise<void> {
  await client.query(
    `DELETE FROM notification_alert AS alert
      WHERE status = 'resolved' AND NOT EXISTS (
        SELECT FROM notification_group_alert AS member
         WHERE member.project_id = alert.project_id AND member.alert_key = alert.alert_key)`,
  );
}
