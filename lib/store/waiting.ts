import type { ClientBase } from "pg";

import type { Bits64 } from "#lib/core/exchange.ts";

/** An attempt that waited for its exchange, by its trace and span. */
export interface WaitingKey {
  readonly traceHash: Bits64;
  readonly spanHash: Bits64;
}

/** Forgets waiting attempts whose exchange was found, in the transaction that counts their relations. */
export async function deleteWaiting(
  client: ClientBase,
  project: number,
  keys: readonly WaitingKey[],
): Promise<void> {
  if (keys.length === 0) return;
  await client.query(
    `DELETE FROM waiting_attempt USING unnest($2::bigint[], $3::bigint[]) AS found (trace_hash, span_hash)
      WHERE waiting_attempt.project_id = $1
        AND waiting_attempt.trace_hash = found.trace_hash
        AND waiting_attempt.span_hash = found.span_hash`,
    [project, keys.map((key) => signed(key.traceHash)), keys.map((key) => signed(key.spanHash))],
  );
}

/** 64 bits as the decimal text of Postgres' signed bigint. */
export function signed(bits: Bits64): string {
  return BigInt.asIntN(64, (BigInt(bits.high) << 32n) | BigInt(bits.low)).toString();
}
