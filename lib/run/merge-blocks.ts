import { withLock } from "#lib/db/advisory-lock.ts";
import type { Database } from "#lib/db/open.ts";
import {
  mergeBlocks,
  smallBlocks,
  type SmallBlock,
  type SmallBlocks,
} from "#lib/store/block-merges.ts";
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
/** Groups looked at in a turn, and how long a turn goes on. */
const groupsMax = 64;
const turnMs = 5_000;

/** What one turn did. */
export interface MergedBlocks {
  /** Blocks that were received. */
  readonly members: number;
  /** Blocks in their place. */
  readonly blocks: number;
}

/**
 * Puts one block in the place of the small blocks of a quiet hour, each group in one transaction: a turn that is
 * killed leaves each block either as it was received or merged. Gives null when another worker is at it.
 */
export function mergeSmallBlocks(
  db: Database,
  metrics: Metrics,
  nowMs: number,
): Promise<MergedBlocks | null> {
  return withLock(db, mergingLock, async () => {
    const endsMs = performance.now() + turnMs;
    const window = { fromMs: nowMs - lookBackMs, toMs: nowMs - restMs };
    const due = (await smallBlocks(db, window, { enough, limit: groupsMax })).flatMap(cut);
    const done = { members: 0, blocks: 0 };
    const failures: unknown[] = [];
    for (const group of due) {
      if (performance.now() > endsMs) break;
      try {
        await mergeBlocks(db, group);
        done.members += group.blocks.length;
        done.blocks += 1;
      } catch (error) {
        // The others need not wait for one that cannot be read.
        failures.push(error);
      }
    }
    metrics
      .counter("viascope_blocks_merged_total", "Small blocks that became part of a larger one.")
      .add(done.members);
    if (done.blocks > 0) log.info({ ...done }, "merged small blocks");
    if (failures.length > 0) throw new AggregateError(failures, "Some blocks could not be merged.");
    return done;
  });
}

/** As many of a group as a merged block holds, and again; too little of an hour that goes on waits for more. */
function cut(group: SmallBlocks): SmallBlocks[] {
  const parts: SmallBlocks[] = [];
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
