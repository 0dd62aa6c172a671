import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

import type { NotifiedAlert } from "./notification-alerts.ts";

/** Alerts of one route that are told together. */
export interface StoredGroup {
  readonly project: number;
  readonly id: string;
  readonly groupKey: string;
  readonly routeKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly flushes: number;
}

/** An alert of a group; `former` when the routes no longer bring it there. */
export interface StoredMember extends NotifiedAlert {
  readonly former: boolean;
}

/** An alert that belongs into a group, which is made when it is not there. */
export interface Placement {
  readonly groupId: string;
  readonly groupKey: string;
  readonly routeKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alertKey: string;
  /** When a group that is new, or that nobody was told of yet, is looked at. */
  readonly flushAtMs: number;
}

/** Puts alerts into their groups; a new group waits as long as its first alert says. */
export async function placeAlerts(
  client: ClientBase,
  project: number,
  placements: readonly Placement[],
): Promise<void> {
  const first = new Map<string, Placement>();
  for (const placement of placements) {
    const known = first.get(placement.groupId);
    if (known === undefined || placement.flushAtMs < known.flushAtMs) {
      first.set(placement.groupId, placement);
    }
  }
  // In one order everywhere, so that two transactions never wait for each other.
  const groups = [...first.values()].toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));
  await client.query(
    `INSERT INTO notification_group (project_id, id, group_key, route_key, group_labels, flush_at)
     SELECT $1, one.* FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[]) AS one
     ON CONFLICT (project_id, id) DO UPDATE
       SET flush_at = CASE WHEN notification_group.flushes = 0
         THEN least(notification_group.flush_at, excluded.flush_at) ELSE notification_group.flush_at END`,
    [
      project,
      groups.map((one) => one.groupId),
      groups.map((one) => one.groupKey),
      groups.map((one) => one.routeKey),
      groups.map((one) => JSON.stringify(one.groupLabels)),
      groups.map((one) => new Date(one.flushAtMs)),
    ],
  );
  await client.query(
    `INSERT INTO notification_group_alert (project_id, group_id, alert_key)
     SELECT $1, one.* FROM unnest($2::text[], $3::text[]) AS one
     ON CONFLICT (project_id, group_id, alert_key) DO UPDATE SET former = false`,
    [project, placements.map((one) => one.groupId), placements.map((one) => one.alertKey)],
  );
}

/** Looks at groups of these alerts at once where a message about them is being tried again: it may be out of date. */
export async function hastenRetriedGroups(
  client: ClientBase,
  project: number,
  alertKeys: readonly string[],
  nowMs: number,
): Promise<void> {
  await client.query(
    `UPDATE notification_group AS grouped SET flush_at = $3
      WHERE project_id = $1 AND flush_at > $3
        AND id IN (SELECT group_id FROM notification_group_alert
                    WHERE project_id = $1 AND alert_key = ANY ($2))
        AND EXISTS (SELECT FROM delivery
                     WHERE delivery.project_id = $1 AND delivery.group_id = grouped.id
                       AND delivery.state = 'pending' AND delivery.kind = 'alert' AND delivery.attempts > 0)`,
    [project, alertKeys, new Date(nowMs)],
  );
}

/** Takes the group that is due the longest and that no other worker holds; it stays held until the transaction ends. */
export async function takeDueGroup(client: ClientBase, nowMs: number): Promise<StoredGroup | null> {
  const answer = await client.query<StoredGroup>(
    `SELECT project_id AS project, id, group_key AS "groupKey", route_key AS "routeKey",
            group_labels AS "groupLabels", flushes
       FROM notification_group WHERE flush_at <= $1
      ORDER BY flush_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [new Date(nowMs)],
  );
  return answer.rows[0] ?? null;
}

/** The alerts of a group. */
export async function alertsOfGroup(
  client: ClientBase,
  project: number,
  groupId: string,
): Promise<StoredMember[]> {
  const answer = await client.query<StoredMember>(
    `SELECT alert_key AS "alertKey", version::text, alert, former
       FROM notification_group_alert JOIN notification_alert USING (project_id, alert_key)
      WHERE project_id = $1 AND group_id = $2 ORDER BY alert_key`,
    [project, groupId],
  );
  return answer.rows;
}

/** Notes that a group was looked at and when it is looked at next. */
export async function putFlushed(
  client: ClientBase,
  group: StoredGroup,
  nowMs: number,
  nextMs: number,
): Promise<void> {
  await client.query(
    `UPDATE notification_group SET flushes = flushes + 1, flushed_at = $3, flush_at = $4
      WHERE project_id = $1 AND id = $2`,
    [group.project, group.id, new Date(nowMs), new Date(nextMs)],
  );
}

/** Has a group looked at again at a time, as if this look had not been. */
export async function postponeFlush(
  on: Database["pool"] | ClientBase,
  group: StoredGroup,
  atMs: number,
): Promise<void> {
  await on.query("UPDATE notification_group SET flush_at = $3 WHERE project_id = $1 AND id = $2", [
    group.project,
    group.id,
    new Date(atMs),
  ]);
}

/** Holds a group until the transaction ends. Whoever changes members or deliveries of a group holds it first, so that nobody waits in a ring. */
export async function holdGroup(
  client: ClientBase,
  project: number,
  groupId: string,
): Promise<void> {
  await client.query(
    "SELECT FROM notification_group WHERE project_id = $1 AND id = $2 FOR UPDATE",
    [project, groupId],
  );
}

/** Takes alerts out of a group where they stand as they did, and ends the group when it is empty. */
export async function dropFromGroup(
  client: ClientBase,
  project: number,
  groupId: string,
  alerts: readonly Pick<NotifiedAlert, "alertKey" | "version">[],
): Promise<void> {
  await holdGroup(client, project, groupId);
  await client.query(
    `DELETE FROM notification_group_alert AS member
      USING notification_alert AS alert, unnest($3::text[], $4::bigint[]) AS told (alert_key, version)
      WHERE member.project_id = $1 AND member.group_id = $2 AND member.alert_key = told.alert_key
        AND alert.project_id = $1 AND alert.alert_key = told.alert_key AND alert.version = told.version`,
    [project, groupId, alerts.map((one) => one.alertKey), alerts.map((one) => one.version)],
  );
  await client.query(
    `DELETE FROM notification_group AS grouped
      WHERE project_id = $1 AND id = $2 AND NOT EXISTS (
        SELECT FROM notification_group_alert AS member
         WHERE member.project_id = $1 AND member.group_id = grouped.id)`,
    [project, groupId],
  );
}

/**
 * Leaves alerts in the groups that new routes do not bring them to only where a channel knows of them, or might:
 * it has to hear of their end. All other members go, and groups that lose the last one.
 */
export async function leaveFormer(
  client: ClientBase,
  project: number,
  placements: readonly Pick<Placement, "groupId" | "alertKey">[],
  nowMs: number,
): Promise<void> {
  await client.query(
    `UPDATE notification_group_alert AS member SET former = true
      WHERE project_id = $1 AND NOT EXISTS (
        SELECT FROM unnest($2::text[], $3::text[]) AS placed (group_id, alert_key)
         WHERE placed.group_id = member.group_id AND placed.alert_key = member.alert_key)`,
    [project, placements.map((one) => one.groupId), placements.map((one) => one.alertKey)],
  );
  await client.query(
    `DELETE FROM notification_group_alert AS member
      WHERE project_id = $1 AND former AND NOT EXISTS (
        SELECT FROM notification_log AS told JOIN notification_alert AS alert
            ON alert.project_id = member.project_id AND alert.alert_key = member.alert_key
         WHERE told.project_id = member.project_id AND told.group_id = member.group_id
           AND told.expires_at > $2 AND alert.alert->>'fingerprint' = ANY (told.firing))
        AND NOT EXISTS (
        SELECT FROM delivery
         WHERE delivery.project_id = member.project_id AND delivery.group_id = member.group_id
           AND delivery.state = 'pending' AND delivery.kind = 'alert'
           AND delivery.members @> jsonb_build_array(jsonb_build_object('alertKey', member.alert_key)))`,
    [project, new Date(nowMs)],
  );
  await client.query(
    `DELETE FROM notification_group AS grouped
      WHERE project_id = $1 AND NOT EXISTS (
        SELECT FROM notification_group_alert AS member
         WHERE member.project_id = $1 AND member.group_id = grouped.id)`,
    [project],
  );
}

/** Looks at groups at once that were looked at before, as who is told of them may have changed. */
export async function hastenKnownGroups(
  client: ClientBase,
  project: number,
  nowMs: number,
): Promise<void> {
  await client.query(
    `UPDATE notification_group AS grouped SET flush_at = $2
      WHERE project_id = $1 AND flush_at > $2 AND (flushes > 0 OR EXISTS (
        SELECT FROM notification_group_alert AS member
         WHERE member.project_id = $1 AND member.group_id = grouped.id AND member.former))`,
    [project, new Date(nowMs)],
  );
}

/** When these groups are looked at next (epoch ms), by id. */
export async function flushTimes(
  db: Database,
  project: number,
  groupIds: readonly string[],
): Promise<Map<string, number>> {
  const answer = await db.pool.query<{ id: string; at: Date }>(
    `SELECT id, flush_at AS at FROM notification_group WHERE project_id = $1 AND id = ANY ($2)`,
    [project, groupIds],
  );
  return new Map(answer.rows.map(({ id, at }) => [id, at.getTime()]));
}
