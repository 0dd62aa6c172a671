import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** A channel as it is stored: settings without secrets, and the secrets sealed. */
export interface StoredChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly sealed: Uint8Array;
  readonly hint: string;
  readonly sendResolved: boolean;
  readonly titleTemplate: string | null;
  readonly bodyTemplate: string | null;
  readonly disabledReason: string | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type ChannelContent = Omit<StoredChannel, "revision" | "createdAt" | "updatedAt">;

type Connection = Database["pool"] | ClientBase;

const columns = `id, name, kind, settings, sealed, hint, send_resolved AS "sendResolved",
  title_template AS "titleTemplate", body_template AS "bodyTemplate",
  disabled_reason AS "disabledReason", revision, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Every channel of a project, by name. */
export async function listChannels(on: Connection, project: number): Promise<StoredChannel[]> {
  const answer = await on.query<StoredChannel>(
    `SELECT ${columns} FROM channel WHERE project_id = $1 AND removed_at IS NULL ORDER BY name`,
    [project],
  );
  return answer.rows;
}

/** One channel; null when there is none with this id. */
export async function channelById(
  on: Connection,
  project: number,
  id: string,
): Promise<StoredChannel | null> {
  const answer = await on.query<StoredChannel>(
    `SELECT ${columns} FROM channel WHERE project_id = $1 AND id = $2 AND removed_at IS NULL`,
    [project, id],
  );
  return answer.rows[0] ?? null;
}

/** Channels by their ids, also those that were removed and that still have the end of something to hear. */
export async function receiversById(
  on: Connection,
  project: number,
  ids: readonly string[],
): Promise<StoredChannel[]> {
  const answer = await on.query<StoredChannel>(
    `SELECT ${columns} FROM channel WHERE project_id = $1 AND id = ANY ($2) ORDER BY name`,
    [project, ids],
  );
  return answer.rows;
}

/** Adds a channel; null when its name is taken. */
export async function insertChannel(
  on: Connection,
  project: number,
  channel: ChannelContent,
): Promise<StoredChannel | null> {
  const answer = await on.query<StoredChannel>(
    `INSERT INTO channel (project_id, id, name, kind, settings, sealed, hint, send_resolved,
       title_template, body_template, disabled_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (project_id, name) DO NOTHING RETURNING ${columns}`,
    [project, ...valuesOf(channel)],
  );
  return answer.rows[0] ?? null;
}

/** Changes a channel that still has the given revision; null when it has not, or is gone. */
export async function updateChannel(
  on: Connection,
  project: number,
  channel: ChannelContent,
  revision: number,
): Promise<StoredChannel | null> {
  const answer = await on.query<StoredChannel>(
    `UPDATE channel SET name = $3, kind = $4, settings = $5, sealed = $6, hint = $7,
       send_resolved = $8, title_template = $9, body_template = $10, disabled_reason = $11,
       revision = revision + 1, updated_at = now()
     WHERE project_id = $1 AND id = $2 AND revision = $12 RETURNING ${columns}`,
    [project, ...valuesOf(channel), revision],
  );
  return answer.rows[0] ?? null;
}

/** Takes a channel out of use, frees its name, and says whether it was there. */
export async function retireChannel(
  on: Connection,
  project: number,
  id: string,
  nowMs: number,
): Promise<boolean> {
  const answer = await on.query(
    `UPDATE channel SET removed_at = $3, revision = revision + 1,
       name = left(name, 150) || ' (removed, ' || left(id::text, 8) || ')'
     WHERE project_id = $1 AND id = $2 AND removed_at IS NULL`,
    [project, id, new Date(nowMs)],
  );
  return answer.rowCount === 1;
}

/** Deletes removed channels, with their secrets, that have nothing to hear any more. */
export async function forgetRetiredChannels(on: Connection, nowMs: number): Promise<void> {
  await on.query(
    `DELETE FROM channel
      WHERE removed_at IS NOT NULL AND (disabled_reason IS NOT NULL OR NOT EXISTS (
        SELECT FROM notification_log AS told
         WHERE told.project_id = channel.project_id AND told.channel_id = channel.id
           AND told.firing <> '{}' AND told.expires_at > $1))
        AND NOT EXISTS (
        SELECT FROM delivery
         WHERE delivery.project_id = channel.project_id AND delivery.channel_id = channel.id
           AND delivery.state = 'pending')`,
    [new Date(nowMs)],
  );
}

/** Switches a channel off and says why. */
export async function disableChannel(
  on: Connection,
  project: number,
  id: string,
  reason: string,
): Promise<void> {
  await on.query(
    `UPDATE channel SET disabled_reason = $3, revision = revision + 1, updated_at = now()
     WHERE project_id = $1 AND id = $2 AND disabled_reason IS NULL`,
    [project, id, reason],
  );
}

function valuesOf(channel: ChannelContent): unknown[] {
  return [
    channel.id,
    channel.name,
    channel.kind,
    JSON.stringify(channel.settings),
    channel.sealed,
    channel.hint,
    channel.sendResolved,
    channel.titleTemplate,
    channel.bodyTemplate,
    channel.disabledReason,
  ];
}
