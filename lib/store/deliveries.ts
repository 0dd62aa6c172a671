import type { ClientBase } from "pg";

import type { Database } from "#lib/db/open.ts";

/** An alert that a delivery speaks of. */
export interface DeliveryMember {
  readonly alertKey: string;
  readonly version: string;
  readonly fingerprint: string;
  readonly status: "firing" | "resolved";
}

/** One message to one channel, as it is queued. */
export interface NewDelivery {
  readonly id: string;
  readonly channelId: string;
  readonly channelName: string;
  readonly kind: "alert" | "resend";
  readonly groupId: string | null;
  readonly groupKey: string;
  readonly flush: number;
  readonly reason: string;
  readonly message: unknown;
  readonly members: readonly DeliveryMember[];
  readonly repeatIntervalMs: number;
}

/** A delivery whose next attempt is this worker's. */
export interface ClaimedDelivery extends NewDelivery {
  readonly project: number;
  readonly lease: string;
  /** Of this attempt, from 1. */
  readonly attempt: number;
}

/** A delivery of a group that is not done. */
export interface OpenDelivery {
  readonly id: string;
  readonly channelId: string;
  readonly attempts: number;
  readonly members: readonly DeliveryMember[];
  /** Whether an attempt is under way. */
  readonly held: boolean;
  readonly nextAttemptAtMs: number;
}

const claimColumns = `project_id AS project, id, channel_id AS "channelId", channel_name AS "channelName",
  kind, group_id AS "groupId", group_key AS "groupKey", flush, reason, message, members,
  repeat_interval_ms::float8 AS "repeatIntervalMs", lease, attempts AS attempt`;

/** Queues a message; it is due at the given time. */
export async function insertDelivery(
  on: Database["pool"] | ClientBase,
  project: number,
  delivery: NewDelivery,
  times: { readonly nowMs: number; readonly dueMs: number },
): Promise<void> {
  await on.query(
    `INSERT INTO delivery (project_id, id, channel_id, channel_name, kind, group_id, group_key, flush,
       reason, message, members, repeat_interval_ms, state, next_attempt_at, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending', $13, $14)`,
    [
      project,
      delivery.id,
      delivery.channelId,
      delivery.channelName,
      delivery.kind,
      delivery.groupId,
      delivery.groupKey,
      delivery.flush,
      delivery.reason,
      JSON.stringify(delivery.message),
      JSON.stringify(delivery.members),
      delivery.repeatIntervalMs,
      new Date(times.dueMs),
      new Date(times.nowMs),
    ],
  );
}

/** What a delivery says and to whom; null when there is none with this id. */
export async function deliveryContent(
  on: Database["pool"] | ClientBase,
  project: number,
  id: string,
): Promise<NewDelivery | null> {
  const answer = await on.query<NewDelivery>(
    `SELECT id, channel_id AS "channelId", channel_name AS "channelName", kind, group_id AS "groupId",
            group_key AS "groupKey", flush, reason, message, members,
            repeat_interval_ms::float8 AS "repeatIntervalMs"
       FROM delivery WHERE project_id = $1 AND id = $2`,
    [project, id],
  );
  return answer.rows[0] ?? null;
}

/** What is not done of a group, by channel; held until the transaction ends. */
export async function openDeliveries(
  client: ClientBase,
  project: number,
  groupId: string,
  nowMs: number,
): Promise<Map<string, OpenDelivery>> {
  const answer = await client.query<
    Omit<OpenDelivery, "nextAttemptAtMs"> & { nextAttemptAt: Date | null }
  >(
    `SELECT id, channel_id AS "channelId", attempts, members,
            coalesce(lease_until > $3, false) AS held, next_attempt_at AS "nextAttemptAt"
       FROM delivery
      WHERE project_id = $1 AND group_id = $2 AND state = 'pending' AND kind = 'alert' FOR UPDATE`,
    [project, groupId, new Date(nowMs)],
  );
  return new Map(
    answer.rows.map(({ nextAttemptAt, ...open }) => [
      open.channelId,
      { ...open, nextAttemptAtMs: nextAttemptAt?.getTime() ?? nowMs },
    ]),
  );
}

/** Gives deliveries up, with a reason that the log shows. */
export async function supersede(
  on: Database["pool"] | ClientBase,
  project: number,
  ids: readonly string[],
  reason: string,
  nowMs: number,
): Promise<void> {
  if (ids.length === 0) return;
  await on.query(
    `UPDATE delivery SET state = 'superseded', problem = $3, finished_at = $4, next_attempt_at = NULL,
       lease = NULL, lease_until = NULL
     WHERE project_id = $1 AND id = ANY ($2) AND state = 'pending'`,
    [project, ids, reason, new Date(nowMs)],
  );
}

/** Gives up what somebody had sent to a channel once more; messages about alerts are looked at with their group. */
export async function supersedeResends(
  on: Database["pool"] | ClientBase,
  project: number,
  channelId: string,
  reason: string,
): Promise<void> {
  await on.query(
    `UPDATE delivery SET state = 'superseded', problem = $3, finished_at = now(), next_attempt_at = NULL,
       lease = NULL, lease_until = NULL
     WHERE project_id = $1 AND channel_id = $2 AND state = 'pending' AND kind <> 'alert'`,
    [project, channelId, reason],
  );
}

/** Claims deliveries that are due, but none of busy channels, for as long as the lease; each attempt is in the log before it is made. */
export async function claimDeliveries(
  client: ClientBase,
  lease: string,
  times: { readonly nowMs: number; readonly leaseMs: number },
  limit: number,
  busyChannels: readonly string[],
): Promise<ClaimedDelivery[]> {
  const now = new Date(times.nowMs);
  const answer = await client.query<ClaimedDelivery>(
    `UPDATE delivery SET lease = $2, lease_until = $3, attempts = attempts + 1
      WHERE (project_id, id) IN (
        SELECT project_id, id FROM delivery
         WHERE state = 'pending' AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
           AND channel_id <> ALL ($5)
         ORDER BY next_attempt_at LIMIT $4 FOR UPDATE SKIP LOCKED)
      RETURNING ${claimColumns}`,
    [now, lease, new Date(times.nowMs + times.leaseMs), limit, busyChannels],
  );
  await client.query(
    `INSERT INTO delivery_attempt (project_id, delivery_id, number, started_at)
     SELECT one.*, $4 FROM unnest($1::smallint[], $2::uuid[], $3::integer[]) AS one`,
    [
      answer.rows.map((one) => one.project),
      answer.rows.map((one) => one.id),
      answer.rows.map((one) => one.attempt),
      now,
    ],
  );
  return answer.rows;
}

/** How an attempt went, for the log. */
export interface AttemptResult {
  readonly outcome: "delivered" | "retry" | "rejected" | "gone";
  readonly reason: string | null;
  readonly latencyMs: number;
  readonly exchanges: unknown;
  readonly nextAttemptAtMs: number | null;
}

/** Writes how an attempt went. The log keeps it even when the delivery is another worker's by now. */
export async function putAttempt(
  client: ClientBase,
  claimed: ClaimedDelivery,
  result: AttemptResult,
): Promise<void> {
  await client.query(
    `UPDATE delivery_attempt SET outcome = $4, reason = $5, latency_ms = $6, exchanges = $7, next_attempt_at = $8
      WHERE project_id = $1 AND delivery_id = $2 AND number = $3`,
    [
      claimed.project,
      claimed.id,
      claimed.attempt,
      result.outcome,
      result.reason,
      result.latencyMs,
      JSON.stringify(result.exchanges),
      result.nextAttemptAtMs === null ? null : new Date(result.nextAttemptAtMs),
    ],
  );
}

/** Ends a delivery, or plans its next attempt; says whether it was still this worker's to end. */
export async function finishDelivery(
  client: ClientBase,
  claimed: ClaimedDelivery,
  result: AttemptResult,
  nowMs: number,
): Promise<boolean> {
  const state = stateAfter(result);
  const answer = await client.query(
    `UPDATE delivery SET state = $4, problem = $5, next_attempt_at = $6, finished_at = $7,
       lease = NULL, lease_until = NULL
     WHERE project_id = $1 AND id = $2 AND lease = $3 AND state = 'pending'`,
    [
      claimed.project,
      claimed.id,
      claimed.lease,
      state,
      result.reason,
      result.nextAttemptAtMs === null ? null : new Date(result.nextAttemptAtMs),
      state === "pending" ? null : new Date(nowMs),
    ],
  );
  return answer.rowCount === 1;
}

/** Whether every delivery of one look at a group was taken. */
export async function flushDelivered(
  client: ClientBase,
  project: number,
  groupId: string,
  flush: number,
): Promise<boolean> {
  const answer = await client.query<{ left: boolean }>(
    `SELECT EXISTS (SELECT FROM delivery
       WHERE project_id = $1 AND group_id = $2 AND kind = 'alert'
         AND (state = 'pending' OR (flush = $3 AND state = 'failed'))) AS left`,
    [project, groupId, flush],
  );
  return answer.rows[0]?.left === false;
}

/**
 * Forgets what deliveries said, with their attempts, of those that ended before one time; and before an earlier one that
 * they were. Between the two timelines still tell to whom a message went, when and how it ended.
 */
export async function forgetDeliveries(
  client: ClientBase,
  before: { readonly saidMs: number; readonly sentMs: number },
): Promise<void> {
  await client.query(
    `WITH old AS (UPDATE delivery SET message = jsonb_build_object('title', message -> 'title')
       WHERE finished_at < $1 AND state <> 'pending' AND message ? 'version' RETURNING project_id, id)
     DELETE FROM delivery_attempt AS a USING old WHERE a.project_id = old.project_id AND a.delivery_id = old.id`,
    [new Date(before.saidMs)],
  );
  await client.query("DELETE FROM delivery WHERE finished_at < $1 AND state <> 'pending'", [
    new Date(before.sentMs),
  ]);
}

/** Whether a message still says what was sent: it is forgotten before the delivery is. */
export function isWhole(message: unknown): boolean {
  return typeof message === "object" && message !== null && "version" in message;
}

/** Whether anything waits to be told: alerts in the outbox, groups or deliveries that are due. */
export async function anythingDue(db: Database, nowMs: number): Promise<boolean> {
  const answer = await db.pool.query<{ due: boolean }>(
    `SELECT EXISTS (SELECT FROM notification_outbox)
         OR EXISTS (SELECT FROM notification_group WHERE flush_at <= $1)
         OR EXISTS (SELECT FROM delivery WHERE state = 'pending' AND next_attempt_at <= $1
                                           AND (lease_until IS NULL OR lease_until <= $1)) AS due`,
    [new Date(nowMs)],
  );
  return answer.rows[0]?.due === true;
}

function stateAfter({ outcome, nextAttemptAtMs }: AttemptResult): string {
  if (outcome === "delivered") return "delivered";
  return nextAttemptAtMs === null ? "failed" : "pending";
}
