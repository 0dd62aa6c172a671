import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";

import type { Database } from "#lib/db/open.ts";

const decompress = promisify(zstdDecompress);
/** No block is larger: a commit group ends at 8 MiB, a single body at the receiver's limit. */
const blockBytesMax = 1_200_000_000;

/** A block as it was received. */
export interface Block {
  readonly id: number;
  readonly signal: "traces" | "access-logs" | "logs";
  /** How lines are to be read again. */
  readonly stream: BlockStream | null;
  readonly payload: Uint8Array;
}

export interface BlockStream {
  readonly format: string;
  readonly logFormat: string | null;
  readonly proxy: string;
  readonly instance: string | null;
  /** Absent in blocks that were stored before there were zones. */
  readonly timeZone?: string | null;
}

/** Which of the blocks retention has left. */
export async function queryKeptBlocks(
  db: Database,
  project: number,
  ids: readonly number[],
): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const answer = await db.pool.query<{ id: string }>(
    "SELECT id FROM block WHERE project_id = $1 AND id = ANY ($2::bigint[])",
    [project, [...new Set(ids)]],
  );
  return new Set(answer.rows.map(({ id }) => Number(id)));
}

/** The blocks of the given ids; those that retention dropped are missing from the answer. */
export async function queryBlocks(
  db: Database,
  project: number,
  ids: readonly number[],
): Promise<Block[]> {
  if (ids.length === 0) return [];
  const answer = await db.pool.query<{
    id: string;
    signal: "traces" | "access-logs" | "logs";
    stream: BlockStream | null;
    payload: Buffer;
  }>(
    "SELECT id, signal, stream, payload FROM block WHERE project_id = $1 AND id = ANY ($2::bigint[])",
    [project, [...new Set(ids)]],
  );
  return Promise.all(
    answer.rows.map(async ({ id, signal, stream, payload }) => ({
      id: Number(id),
      signal,
      stream,
      payload: await decompress(payload, { maxOutputLength: blockBytesMax }),
    })),
  );
}
