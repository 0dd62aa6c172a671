import type { ClientBase, Pool } from "pg";

import { blocksPerSecondMax, ingestProcessesMax } from "#lib/core/block-id.ts";
import { type PlacedMember, unpackMembers } from "#lib/core/block-members.ts";
import { MalformedSegment } from "#lib/core/malformed-segment.ts";
import type { LeaveOut } from "#lib/core/stored-kind.ts";

/** Blocks are merged with those of their hour only, so that few have to be looked into. */
export const mergedIds = 3_600 * blocksPerSecondMax * ingestProcessesMax;

/**
 * In which rows of their table the blocks stand now: by the ids that were asked for, those under which they are stored.
 * Blocks that are not stored are missing. Null asks in all projects. What cannot be read is told of, or thrown.
 */
export function homesOf(
  client: Pool | ClientBase,
  project: number | null,
  ids: readonly number[],
  leaveOut?: LeaveOut,
): Promise<Map<number, number>> {
  return homesIn({ client, table: "block", project }, ids, leaveOut);
}

/** The same of blocks of log lines, in all projects. */
export function logHomesOf(
  client: Pool | ClientBase,
  ids: readonly number[],
): Promise<Map<number, number>> {
  return homesIn({ client, table: "log_block", project: null }, ids);
}

interface Blocks {
  readonly client: Pool | ClientBase;
  readonly table: BlockTable;
  readonly project: number | null;
}

type BlockTable = "block" | "log_block";

async function homesIn(
  { client, table, project }: Blocks,
  ids: readonly number[],
  leaveOut?: LeaveOut,
): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const wanted = new Set(ids);
  const { rows } = await client.query<{ id: string; members: Buffer | null }>(homesQuery(table), [
    project,
    [...wanted],
  ]);
  const homes = new Map<number, number>();
  for (const { id, members } of rows) {
    const home = Number(id);
    if (members === null) homes.set(home, home);
    else
      for (const member of membersOf(home, members, leaveOut)) {
        if (wanted.has(member.id)) homes.set(member.id, home);
      }
  }
  return homes;
}

/** What a merged block was made of; nothing where that cannot be read, which is told of, or thrown. */
export function membersOf(id: number, packed: Uint8Array, leaveOut?: LeaveOut): PlacedMember[] {
  try {
    return unpackMembers(packed);
  } catch (error) {
    if (leaveOut === undefined || !(error instanceof MalformedSegment)) throw error;
    leaveOut("block", `${id}`, error);
    return [];
  }
}

/** One statement, so that a block is seen either by itself or merged. */
const homesQuery = (table: BlockTable): string => `
  WITH around AS (
    SELECT DISTINCT merged.id FROM unnest($2::bigint[]) AS wanted CROSS JOIN LATERAL (
      SELECT id FROM ${table}
       WHERE last_id >= wanted AND last_id < wanted + ${mergedIds} AND id <= wanted
         AND ($1::int IS NULL OR project_id = $1)) AS merged)
  SELECT home.id, members FROM around JOIN ${table} AS home ON home.id = around.id
   WHERE last_id IS NOT NULL AND ($1::int IS NULL OR project_id = $1)
  UNION ALL
  SELECT id, NULL FROM ${table}
   WHERE id = ANY ($2::bigint[]) AND last_id IS NULL AND ($1::int IS NULL OR project_id = $1)`;
