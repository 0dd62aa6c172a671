import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";

import { writtenLines } from "#lib/core/log-payload.ts";
import type { Database } from "#lib/db/open.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

const decompress = promisify(zstdDecompress);
/** Blocks end at 4 MiB of text; a single line is far smaller than that. */
const blockBytesMax = 64 * 1024 * 1024;

/** The lines of one block of log lines, each still as it was written. */
export interface LogBlock {
  readonly receivedMs: number;
  readonly written: readonly string[];
}

/** A block of log lines; null when retention dropped it, or it cannot be read. */
export async function queryLogBlock(
  db: Database,
  project: number,
  id: number,
  leftOut: LeftOut,
): Promise<LogBlock | null> {
  const answer = await db.pool.query<{ received_at: Date; payload: Buffer }>(
    "SELECT received_at, payload FROM log_block WHERE project_id = $1 AND id = $2",
    [project, id],
  );
  const [row] = answer.rows;
  if (row === undefined) return null;
  const payload = await decompress(row.payload, { maxOutputLength: blockBytesMax }).catch(
    (error: unknown) => {
      leftOut.add("log_block", `${id}`, error);
      return null;
    },
  );
  if (payload === null) return null;
  return { receivedMs: row.received_at.getTime(), written: writtenLines(payload.toString()) };
}
