import type {
  DeliveriesParams,
  DeliveryAnswer,
  DeliveryAttempt,
  DeliveryItem,
} from "#lib/contract/deliveries.ts";
import { deliveryAttempt, deliveryItem } from "#lib/contract/deliveries.ts";
import type { Database } from "#lib/db/open.ts";

/** What was sent to whom and how it went, the newest first. */
export async function queryDeliveries(
  db: Database,
  project: number,
  params: DeliveriesParams,
): Promise<DeliveryItem[]> {
  const answer = await db.pool.query<Row>(
    `SELECT ${columns} FROM delivery
      WHERE project_id = $1 AND ($2::uuid IS NULL OR channel_id = $2) AND ($3::text IS NULL OR state = $3)
        AND ($4::timestamptz IS NULL OR created_at < $4)
        AND ($7::timestamptz IS NULL OR created_at >= $7)
        AND ($6::text IS NULL OR members @> jsonb_build_array(jsonb_build_object('alertKey', $6::text)))
      ORDER BY created_at DESC, id LIMIT $5`,
    [
      project,
      params.channel ?? null,
      params.state ?? null,
      params.before ?? null,
      params.limit,
      params.alert ?? null,
      params.since ?? null,
    ],
  );
  return answer.rows.map(itemOf);
}

/** One delivery with every attempt and its message; null when there is none with this id. */
export async function queryDelivery(
  db: Database,
  project: number,
  id: string,
): Promise<DeliveryAnswer | null> {
  const [deliveries, attempts] = await Promise.all([
    db.pool.query<Row & { message: unknown }>(
      `SELECT ${columns}, message FROM delivery WHERE project_id = $1 AND id = $2`,
      [project, id],
    ),
    db.pool.query<AttemptRow>(
      `SELECT number, started_at AS "startedAt", latency_ms AS "latencyMs", outcome, reason, exchanges,
              next_attempt_at AS "nextAttemptAt"
         FROM delivery_attempt WHERE project_id = $1 AND delivery_id = $2 ORDER BY number`,
      [project, id],
    ),
  ]);
  const [row] = deliveries.rows;
  if (row === undefined) return null;
  return { delivery: itemOf(row), attempts: attempts.rows.map(attemptOf), message: row.message };
}

const columns = `id, channel_id AS "channelId", channel_name AS "channelName", kind, group_key AS "groupKey",
  reason, coalesce(message ->> 'title', '') AS title, state, problem, attempts,
  next_attempt_at AS "nextAttemptAt", created_at AS "createdAt", finished_at AS "finishedAt"`;

interface Row {
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

interface AttemptRow {
  readonly startedAt: Date;
  readonly nextAttemptAt: Date | null;
}

function itemOf(row: Row): DeliveryItem {
  return deliveryItem.parse({
    ...row,
    nextAttemptAt: isoOf(row.nextAttemptAt),
    createdAt: row.createdAt.toISOString(),
    finishedAt: isoOf(row.finishedAt),
  });
}

function attemptOf(row: AttemptRow): DeliveryAttempt {
  return deliveryAttempt.parse({
    ...row,
    startedAt: row.startedAt.toISOString(),
    nextAttemptAt: isoOf(row.nextAttemptAt),
  });
}

function isoOf(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
