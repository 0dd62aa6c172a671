import type { ClientBase } from "pg";

import type { Bits64 } from "#lib/core/exchange.ts";
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
  const answer = await client.query(
    `DELETE FROM waiting_attempt USING unnest($2::bigint[], $3::bigint[]) AS found (trace_hash, span_hash)
      WHERE waiting_attempt.project_id = $1
        AND waiting_attempt.trace_hash = found.trace_hash
        AND waiting_attempt.span_hash = found.span_hash`,
    [project, keys.map((key) => signed(key.traceHash)), keys.map((key) => signed(key.spanHash))],
  );
  return answer.rowCount ?? 0;
}

/** 64 bits as the decimal text of Postgres' signed bigint. */
export function signed(bits: Bits64): string {
  return BigInt.asIntN(64, (BigInt(bits.high) << 32n) | BigInt(bits.low)).toString();
}

/** A trace with attempts that still wait, though an exchange of it is stored by now. */
export interface WaitingTrace {
  readonly project: number;
  /** As Postgres' signed bigint in decimal. */
  readonly traceHash: string;
  readonly spanHashes: readonly string[];
}

/** Traces whose attempts waited since before the given time (epoch ms), and that have an exchange; oldest first. */
export async function waitingTraces(
  db: Database,
  beforeMs: number,
  limit: number,
): Promise<WaitingTrace[]> {
  const answer = await db.pool.query<{ project: number; hash: string; spans: string[] }>(
    `SELECT project_id AS project, trace_hash AS hash, array_agg(span_hash::text) AS spans
       FROM waiting_attempt AS waiting
      WHERE received_at < $1
        AND EXISTS (
          SELECT FROM exchange
           WHERE exchange.trace_hash = waiting.trace_hash AND exchange.trace_hash <> 0
             AND exchange.project_id = waiting.project_id)
      GROUP BY project_id, trace_hash ORDER BY min(received_at) LIMIT $2`,
    [new Date(beforeMs), limit],
  );
  return answer.rows.map(({ project, hash, spans }) => ({
    project,
    traceHash: hash,
    spanHashes: spans,
  }));
}

/** Forgets attempts that waited since before the given time: their SERVER span will never come. Gives how many. */
export async function forgetWaiting(db: Database, beforeMs: number): Promise<number> {
  const answer = await db.pool.query("DELETE FROM waiting_attempt WHERE received_at < $1", [
    new Date(beforeMs),
  ]);
  return answer.rowCount ?? 0;
}
