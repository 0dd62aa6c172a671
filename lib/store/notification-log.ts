import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** What a channel was last told of a group. */
export interface StoredLogEntry {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sentAtMs: number;
  /** What the receiver calls the conversation, such as the key of an issue. */
  readonly thread?: string | null;
}

/** What the channels of a group were last told, by channel. */
export async function logEntries(
  on: Database["pool"] | ClientBase,
  project: number,
  groupId: string,
  nowMs: number,
): Promise<Map<string, StoredLogEntry>> {
  const answer = await on.query<{
    channel: string;
    firing: string[];
    resolved: string[];
    sentAt: Date;
    thread: string | null;
  }>(
    `SELECT channel_id AS channel, firing, resolved, sent_at AS "sentAt", thread FROM notification_log
      WHERE project_id = $1 AND group_id = $2 AND expires_at > $3`,
    [project, groupId, new Date(nowMs)],
  );
  return new Map(
    answer.rows.map(({ channel, firing, resolved, sentAt, thread }) => [
      channel,
      { firing, resolved, sentAtMs: sentAt.getTime(), thread },
    ]),
  );
}

/** Notes what a channel was told of a group. */
export async function putLogEntry(
  client: ClientBase,
  project: number,
  place: { readonly groupId: string; readonly channelId: string },
  entry: StoredLogEntry,
  expiresAtMs: number,
): Promise<void> {
  await client.query(
    `INSERT INTO notification_log (project_id, group_id, channel_id, firing, resolved, sent_at, expires_at, thread)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (project_id, group_id, channel_id) DO UPDATE
       SET firing = excluded.firing, resolved = excluded.resolved,
           sent_at = excluded.sent_at, expires_at = excluded.expires_at,
           thread = coalesce(excluded.thread, notification_log.thread)`,
    [
      project,
      place.groupId,
      place.channelId,
      entry.firing,
      entry.resolved,
      new Date(entry.sentAtMs),
      new Date(expiresAtMs),
      entry.thread ?? null,
    ],
  );
}

/** Keeps what channels know of a group until a time at least. */
export async function keepLogEntries(
  client: ClientBase,
  project: number,
  groupId: string,
  channelIds: readonly string[],
  untilMs: number,
): Promise<void> {
  await client.query(
    `UPDATE notification_log SET expires_at = greatest(expires_at, $4)
      WHERE project_id = $1 AND group_id = $2 AND channel_id = ANY ($3) AND firing <> '{}'`,
    [project, groupId, channelIds, new Date(untilMs)],
  );
}

/** Forgets entries past their time. */
export async function forgetLogEntries(client: ClientBase, nowMs: number): Promise<void> {
  await client.query("DELETE FROM notification_log WHERE expires_at <= $1", [new Date(nowMs)]);
}
