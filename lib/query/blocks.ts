import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";

import type { PlacedMember } from "#lib/core/block-members.ts";
import { homesOf, membersOf } from "#lib/db/block-homes.ts";
import type { Database } from "#lib/db/open.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

const decompress = promisify(zstdDecompress);
/** No block is larger: the largest are of a single body, which ends at the receiver's limit. */
const payloadBytesMax = 1_200_000_000;
const chunkBytesMin = 1_024;
const chunkBytesMax = 64 * 1024 * 1024;

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
  return new Set((await homesOf(db.pool, project, ids, new LeftOut().add)).keys());
}

/** The blocks of the given ids; those that retention dropped, or that cannot be read, are missing from the answer. */
export async function queryBlocks(
  db: Database,
  project: number,
  ids: readonly number[],
  leftOut = new LeftOut(),
): Promise<Block[]> {
  const blocks: Block[] = [];
  for await (const block of eachBlock(db, project, ids, leftOut)) blocks.push(block);
  return blocks;
}

/**
 * The same one by one, holding one stored payload at a time, which may take many megabytes. Blocks come as they were
 * received, also those that were merged since, and in the order of the ids but for those that were merged into one.
 */
export async function* eachBlock(
  db: Database,
  project: number,
  ids: readonly number[],
  leftOut = new LeftOut(),
): AsyncGenerator<Block> {
  const missed = yield* eachAtHome(db, project, ids, leftOut);
  // They were merged between two questions, and are so once.
  yield* eachAtHome(db, project, missed, leftOut);
}

/** Gives the ids of those that are not there any more where they were found. */
async function* eachAtHome(
  db: Database,
  project: number,
  ids: readonly number[],
  leftOut: LeftOut,
): AsyncGenerator<Block, number[]> {
  const homes = await homesOf(db.pool, project, ids, leftOut.add);
  const found = [...new Set(ids)].filter((id) => homes.has(id));
  const missed: number[] = [];
  for (const [home, members] of Map.groupBy(found, (id) => homes.get(id) ?? id)) {
    const stored = await storedBlock(db, project, home, leftOut);
    if (stored === "damaged") continue;
    for (const id of members) {
      const block = stored === "gone" ? null : partOf(stored, id);
      if (block === null) missed.push(id);
      else yield block;
    }
  }
  return missed;
}

interface StoredBlock extends Block {
  readonly members: readonly PlacedMember[] | null;
}

async function storedBlock(
  db: Database,
  project: number,
  id: number,
  leftOut: LeftOut,
): Promise<StoredBlock | "gone" | "damaged"> {
  const answer = await db.pool.query<
    Pick<Block, "signal" | "stream"> & {
      readonly members: Buffer | null;
      readonly raw_bytes: number;
      readonly payload: Buffer;
    }
  >(
    "SELECT signal, stream, members, raw_bytes, payload FROM block WHERE project_id = $1 AND id = $2",
    [project, id],
  );
  const [row] = answer.rows;
  if (row === undefined) return "gone";
  // In one piece: to put many together takes several times as long as to decompress them.
  const chunkSize = Math.min(Math.max(row.raw_bytes, chunkBytesMin), chunkBytesMax);
  const options = { maxOutputLength: payloadBytesMax, chunkSize };
  const payload = await decompress(row.payload, options).catch((error: unknown) => {
    leftOut.add("block", `${id}`, error);
    return null;
  });
  if (payload === null) return "damaged";
  const members = row.members === null ? null : membersOf(id, row.members, leftOut.add);
  return { id, signal: row.signal, stream: row.stream, members, payload };
}

/** A block as it was received; null when it is no part of the stored one. */
function partOf({ members, ...stored }: StoredBlock, id: number): Block | null {
  if (members === null) return stored.id === id ? stored : null;
  const member = members.find((one) => one.id === id);
  if (member === undefined) return null;
  const { firstByte, bytes } = member;
  return { ...stored, id, payload: stored.payload.subarray(firstByte, firstByte + bytes) };
}
