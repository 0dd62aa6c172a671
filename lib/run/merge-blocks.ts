import { withLock } from "#lib/db/advisory-lock.ts";
import type { Database } from "#lib/db/open.ts";
import { firstBlockIdAt } from "#lib/store/block-id.ts";
import { mergeRecordBlocks } from "#lib/store/block-merges.ts";
import { forgetAside, setAside } from "#lib/store/blocks-aside.ts";
import { mergeLogBlocks } from "#lib/store/log-block-merges.ts";
import { UnmergeableBlock } from "#lib/store/merged-payload.ts";
import {
  type SmallBlock,
  type SmallBlocks,
  smallLogBlocks,
  smallRecordBlocks,
} from "#lib/store/small-blocks.ts";
import { log } from "#lib/telemetry/log.ts";
import type { Metrics } from "#lib/telemetry/metrics.ts";

/** Any constant: names the advisory lock under which one worker at a time merges blocks. */
const mergingLock = 7_316_007;
/** Commits of blocks made before have ended by then, and the newest blocks, of which most is asked, are the cheapest to read. */
const restMs = 600_000;
/** The room of older ones would not be used again: their day is over. */
const lookBackMs = 26 * 3_600_000;
/** A merged block; those that read it hold all of it. */
const max = { rawBytes: 4_194_304, records: 16_384 };
/** So much is worth a block before its hour is over: the sooner, the less room waits for it. */
const enough = { rawBytes: 1_048_576, records: 4_096 };
/** Groups of each kind looked at in a turn, and how long a turn goes on. */
const groupsMax = 64;
const turnMs = 5_000;
/** What a block holds does not change. */
const retryOfBlockMs = 6 * 3_600_000;
/** What else fails may work soon, but must not hold up the other groups until then. */
const retryOfGroupMs = 900_000;

/** What one turn did. */
export interface MergedBlocks {
  /** Blocks that were received. */
  readonly members: number;
  /** Blocks in their place. */
  readonly blocks: number;
  /** Blocks that could not be merged. */
  readonly aside: number;
}

/**
 * Puts one block in the place of the small blocks of a quiet hour, each group in one transaction: a turn that is
 * killed leaves each block either as it was received or merged. What cannot be merged is set aside for a while.
 * Gives null when another worker is at it.
 */
export function mergeSmallBlocks(
  db: Database,
  metrics: Metrics,
  nowMs: number,
): Promise<MergedBlocks | null> {
  return withLock(db, mergingLock, async () => {
    const endsMs = performance.now() + turnMs;
    const done = { members: 0, blocks: 0, aside: 0 };
    await forgetAside(db, firstBlockIdAt(nowMs - lookBackMs));
    for (const { group, merge } of await dueGroups(db, nowMs)) {
      if (performance.now() > endsMs) break;
      try {
        await merge();
        done.members += group.blocks.length;
        done.blocks += 1;
      } catch (error) {
        done.aside += await leaveAlone(db, group, error, nowMs);
      }
    }
    countDone(metrics, done);
    if (done.blocks > 0) log.info({ ...done }, "merged small blocks");
    return done;
  });
}

/** A group, and how it is merged. */
interface DueGroup {
  readonly group: SmallBlocks;
  readonly merge: () => Promise<void>;
}

/** The oldest of both kinds first. */
async function dueGroups(db: Database, nowMs: number): Promise<DueGroup[]> {
  const made = { fromMs: nowMs - lookBackMs, toMs: nowMs - restMs };
  const question = { ...made, nowMs, enough, limit: groupsMax };
  const records = (await smallRecordBlocks(db, question)).flatMap(cut);
  const lines = (await smallLogBlocks(db, question)).flatMap(cut);
  return [
    ...records.map((group) => ({ group, merge: () => mergeRecordBlocks(db, group) })),
    ...lines.map((group) => ({ group, merge: () => mergeLogBlocks(db, group) })),
  ].toSorted((a, b) => a.group.firstReceivedMs - b.group.firstReceivedMs);
}

/** Sets the block aside that cannot be merged, or all of the group where it is not known which; gives how many. */
async function leaveAlone(
  db: Database,
  { project, blocks }: SmallBlocks,
  error: unknown,
  nowMs: number,
): Promise<number> {
  const isOfBlock = error instanceof UnmergeableBlock;
  const ids = isOfBlock ? [error.blockId] : blocks.map(({ id }) => id);
  const retryMs = nowMs + (isOfBlock ? retryOfBlockMs : retryOfGroupMs);
  const reason = error instanceof Error ? error.message : String(error);
  await setAside(db, { project, ids, reason, retryMs });
  log.warn({ err: error, project, blocks: ids.length, first: ids[0] }, "set blocks aside");
  return ids.length;
}

function countDone(metrics: Metrics, { members, aside }: MergedBlocks): void {
  metrics
    .counter("viascope_blocks_merged_total", "Small blocks that became part of a larger one.")
    .add(members);
  metrics
    .counter(
      "viascope_blocks_set_aside_total",
      "Times that a small block was set aside as it could not be merged.",
    )
    .add(aside);
}

/** As many of a group as a merged block holds, and again; too little of an hour that goes on waits for more. */
function cut<Group extends SmallBlocks>(group: Group): Group[] {
  const parts: Group[] = [];
  let part: SmallBlock[] = [];
  let [rawBytes, records] = [0, 0];
  const end = (): void => {
    if (part.length > 1) parts.push({ ...group, blocks: part });
    part = [];
    [rawBytes, records] = [0, 0];
  };
  for (const block of group.blocks) {
    const isFull =
      rawBytes + block.rawBytes > max.rawBytes || records + block.records > max.records;
    if (isFull) end();
    part.push(block);
    rawBytes += block.rawBytes;
    records += block.records;
  }
  if (group.isOver || rawBytes >= enough.rawBytes || records >= enough.records) end();
  return parts;
}
