import { withLock } from "#lib/db/advisory-lock.ts";
import type { Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import {
  dayLevel,
  deletePages,
  listRuns,
  pageTableOf,
  takeBatches,
  takeRuns,
  waitingBatches,
  writeRun,
  type TraceBatch,
  type TraceRun,
} from "#lib/store/trace-runs.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

/** Any constant: names the advisory lock under which one worker at a time merges. */
const mergingLock = 7_316_005;
/** Batches are merged when they are as many as this, or as large, or the oldest is as old: a reader looks into each. */
const enough = { batches: 512, bytes: 2_097_152, waitedMs: 60_000 };
/** Batches looked at at once, and the bytes of those merged at once. */
const batchesMax = 4_096;
const batchBytesMax = 4_194_304;
/** Runs of one level that are merged into one of the next. */
const runsMerged = 16;
const dayMs = 86_400_000;
/** Blocks received before midnight are committed by then. */
const settleMs = 600_000;

/** What one round of merging did. */
export interface MergedTraces {
  readonly batches: number;
  readonly runs: number;
  /** Entries written, as often as they were. */
  readonly entries: number;
}

/**
 * Merges the traces of new blocks into runs, small runs into larger ones, and those of a day that is over into one.
 * What is merged takes the place of its parts in one transaction: a reader finds each trace at any moment, a merge
 * that is killed changes nothing. Gives null when another worker is at it.
 */
export function mergeTraceIndex(db: Database, nowMs: number): Promise<MergedTraces | null> {
  return withLock(db, mergingLock, async () => {
    const batches = await mergeBatches(db, nowMs);
    const runs = await mergeRuns(db, nowMs);
    return { ...batches, ...runs, entries: batches.entries + runs.entries };
  });
}

async function mergeBatches(
  db: Database,
  nowMs: number,
): Promise<{ batches: number; entries: number }> {
  let batches = 0;
  let entries = 0;
  for (;;) {
    const due = dueBatches(await waitingBatches(db, batchesMax), nowMs);
    if (due.length === 0) return { batches, entries };
    for (const members of due) {
      batches += members.length;
      entries += await replaceBatches(db, members);
    }
  }
}

/** For each project and day as many of its oldest batches as are merged at once, where enough wait or waited enough. */
function dueBatches(waiting: readonly TraceBatch[], nowMs: number): TraceBatch[][] {
  return groupsOf(waiting)
    .filter(
      (members) =>
        members.length >= enough.batches ||
        members.reduce((sum, { bytes }) => sum + bytes, 0) >= enough.bytes ||
        members.some(({ receivedMs }) => receivedMs <= nowMs - enough.waitedMs),
    )
    .map((members) => {
      let bytes = 0;
      const beyond = members.findIndex((batch) => (bytes += batch.bytes) > batchBytesMax);
      return beyond < 0 ? members : members.slice(0, Math.max(1, beyond));
    });
}

async function mergeRuns(db: Database, nowMs: number): Promise<{ runs: number; entries: number }> {
  let runs = 0;
  let entries = 0;
  for (;;) {
    const due = await dueRuns(db, nowMs);
    if (due.length === 0) return { runs, entries };
    for (const one of due) {
      runs += one.members.length;
      entries += await replaceRuns(db, one);
    }
  }
}

interface DueRuns {
  readonly members: readonly TraceRun[];
  /** Of the run that takes their place. */
  readonly level: number;
}

async function dueRuns(db: Database, nowMs: number): Promise<DueRuns[]> {
  const runs = await listRuns(db);
  const unmerged = new Set((await waitingBatches(db, batchesMax)).map(placeOf));
  return groupsOf(runs).flatMap((members) => {
    const open = members.filter(({ level }) => level < dayLevel);
    const isOver = members.every((run) => run.dayMs + dayMs + settleMs <= nowMs);
    const isWhole = isOver && members.every((run) => !unmerged.has(placeOf(run)));
    if (isWhole && open.length > 0) return [{ members: open, level: dayLevel }];
    return [...Map.groupBy(members, ({ level }) => level)]
      .filter(([, ofLevel]) => ofLevel.length > runsMerged)
      .map(([level, ofLevel]) => ({
        members: ofLevel.toSorted((a, b) => a.entries - b.entries).slice(0, runsMerged),
        level: level === dayLevel ? dayLevel : Math.min(level + 1, dayLevel - 1),
      }));
  });
}

/** Puts one run in the place of batches of one project and day; gives how many entries it has. */
async function replaceBatches(db: Database, batches: readonly TraceBatch[]): Promise<number> {
  const run = await runFor(db, batches, { level: 1, blockIds: batches.map((one) => one.blockId) });
  return inTransaction(db, async (client) =>
    writeRun(client, run, await takeBatches(client, batches, new LeftOut().add)),
  );
}

/** The same for runs. */
async function replaceRuns(db: Database, { members, level }: DueRuns): Promise<number> {
  const run = await runFor(db, members, { level, blockIds: members.map((one) => one.lastBlockId) });
  return inTransaction(db, async (client) => {
    const entries = await writeRun(client, run, await takeRuns(client, members, new LeftOut().add));
    await deletePages(client, members);
    return entries;
  });
}

/** The run that is to come of parts that are all of one project and day, and room for it. */
async function runFor(
  db: Database,
  parts: readonly Pick<TraceRun, "project" | "dayMs">[],
  { level, blockIds }: { readonly level: number; readonly blockIds: readonly number[] },
): Promise<Omit<TraceRun, "id" | "entries">> {
  const [first] = parts;
  if (first === undefined) throw new Error("Nothing is to be merged.");
  await ensurePartitions(db, pageTableOf(level), [first.dayMs]);
  const lastBlockId = blockIds.reduce((last, id) => Math.max(last, id));
  return { project: first.project, dayMs: first.dayMs, level, lastBlockId };
}

function groupsOf<Part extends Pick<TraceRun, "project" | "dayMs">>(
  parts: readonly Part[],
): Part[][] {
  return [...Map.groupBy(parts, placeOf).values()];
}

/** Runs never reach over it. */
function placeOf({ project, dayMs: day }: Pick<TraceRun, "project" | "dayMs">): string {
  return `${project} ${day}`;
}
