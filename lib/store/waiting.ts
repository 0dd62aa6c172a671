import type { ClientBase } from "pg";

import type { Bits64 } from "#lib/core/exchange.ts";
import { signed } from "#lib/core/signed-bits.ts";
import type { Appends } from "#lib/db/appends.ts";
import type { Database } from "#lib/db/open.ts";

/** An attempt that waited for its exchange, by its trace and span. */
export interface WaitingKey {
  readonly traceHash: Bits64;
  readonly spanHash: Bits64;
}

/** Forgets waiting attempts whose exchange was found, in the transaction that counts their relations; gives how many. */
export async function deleteWaiting(
  client: ClientBase,
  project: number,
  keys: readonly WaitingKey[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const answer = await client.query(deletionOf(project, keys));
  return answer.rowCount ?? 0;
}

/** The same, beside what is appended. */
export function addWaitingEnds(to: Appends, project: number, keys: readonly WaitingKey[]): void {
  if (keys.length > 0) to.statement(deletionOf(project, keys));
}

/**
 * All numbers, so that they can stand in its text. The traces alone find the rows by their index: the table is bloated by
 * what comes and goes, and a join of the pairs, which looks good for so few rows, would read all of it.
 */
function deletionOf(project: number, keys: readonly WaitingKey[]): string {
  const traces = keys.map((key) => signed(key.traceHash)).join(",");
  const spans = keys.map((key) => signed(key.spanHash)).join(",");
  return `DELETE FROM waiting_attempt
      WHERE project_id = ${project} AND trace_hash = ANY ('{${traces}}') AND (trace_hash, span_hash) IN
            (SELECT * FROM unnest('{${traces}}'::bigint[], '{${spans}}'::bigint[]))`;
}

/** A trace with attempts that wait for their exchange. */
export interface WaitingTrace {
  readonly project: number;
  /** As Postgres' signed bigint in decimal. */
  readonly traceHash: string;
  readonly spanHashes: readonly string[];
  /** When the first of them came. */
  readonly receivedMs: number;
}

/**
 * Traces whose attempts waited since before the given time (epoch ms), at most `limit`. Which ones those are changes
 * with the time, so that traces whose exchange never comes do not keep others from being looked at.
 */
export async function waitingTraces(
  db: Database,
  beforeMs: number,
  limit: number,
): Promise<WaitingTrace[]> {
  const answer = await db.pool.query<WaitingRow>(
    `SELECT project_id AS project, trace_hash AS hash, array_agg(span_hash::text) AS spans,
            min(received_at) AS received_at
       FROM waiting_attempt WHERE received_at < $1
      GROUP BY project_id, trace_hash
      ORDER BY hashint8extended(trace_hash, $2::bigint) LIMIT $3`,
    [new Date(beforeMs), beforeMs, limit],
  );
  return answer.rows.map(({ project, hash, spans, received_at }) => ({
    project,
    traceHash: hash,
    spanHashes: spans,
    receivedMs: received_at.getTime(),
  }));
}

interface WaitingRow {
  readonly project: number;
  readonly hash: string;
  readonly spans: string[];
  readonly received_at: Date;
}

/** Forgets attempts that waited since before the given time: their SERVER span will never come. Gives how many. */
export async function forgetWaiting(db: Database, beforeMs: number): Promise<number> {
  const answer = await db.pool.query("DELETE FROM waiting_attempt WHERE received_at < $1", [
    new Date(beforeMs),
  ]);
  return answer.rowCount ?? 0;
}
