import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";

import type { BlockMember } from "#lib/core/block-members.ts";

import { smallBytes, type SmallBlocks } from "./small-blocks.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Nobody waits for it, and what is written here stays. */
const params = { [constants.ZSTD_c_compressionLevel]: 9 };

/** What keeps a block from being merged, whichever it is put together with. */
export class UnmergeableBlock extends Error {
  readonly blockId: number;

  constructor(blockId: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "UnmergeableBlock";
    this.blockId = blockId;
  }
}

/** Gives what `read` gives; what it throws is the fault of the block. */
export async function readOf<Read>(
  blockId: number,
  read: () => Read | Promise<Read>,
): Promise<Read> {
  try {
    return await read();
  } catch (error) {
    throw new UnmergeableBlock(blockId, error);
  }
}

/** A payload as it is stored, and the id of its block. */
export interface StoredPayload {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** The payloads of a group one behind another. */
export interface MergedPayload {
  readonly members: readonly BlockMember[];
  readonly records: number;
  readonly rawBytes: number;
  readonly payload: Uint8Array;
}

/** Puts the payloads of all blocks of a group together; `check` throws for one that is not what it should be. */
export async function mergedPayload(
  { blocks }: SmallBlocks,
  stored: readonly StoredPayload[],
  check: (payload: Buffer, records: number) => void = () => undefined,
): Promise<MergedPayload> {
  refuseUnless(stored.length === blocks.length);
  const payloads = await Promise.all(
    stored.map(({ id, payload }, place) =>
      readOf(id, async () => {
        const raw = await decompress(payload, { maxOutputLength: 2 * smallBytes });
        check(raw, blocks[place]?.records ?? 0);
        return raw;
      }),
    ),
  );
  const members = blocks.map(({ id, records }, place) => ({
    id,
    records,
    bytes: payloads[place]?.byteLength ?? 0,
  }));
  const payload = Buffer.concat(payloads);
  return {
    members,
    records: members.reduce((sum, { records }) => sum + records, 0),
    rawBytes: payload.byteLength,
    payload: await compress(payload, { params }),
  };
}

/** Which rows of a table of blocks are those of a group that were not merged yet, as a condition on `blockValues`. */
export const blocksOfGroup =
  "received_at >= $1 AND received_at <= $2 AND id = ANY ($3::bigint[]) AND last_id IS NULL";

export function blockValues({ firstReceivedMs, lastReceivedMs, blocks }: SmallBlocks): unknown[] {
  // Postgres keeps microseconds of which a Date has none.
  return [new Date(firstReceivedMs - 1), new Date(lastReceivedMs + 1), blocks.map(({ id }) => id)];
}

/** Throws where someone else took a part of what was to be merged. */
export function refuseUnless(allThere: boolean): void {
  if (!allThere) throw new Error("Blocks that were to be merged are gone, or were merged.");
}
