import { sourceCodes } from "#lib/core/codes.ts";
import type { AttemptField, Records } from "#lib/core/record-columns.ts";
import type { Database } from "#lib/db/open.ts";
import { lookInto, storedAttempts, type StoredRecords } from "#lib/db/segments.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import type { GroupSums } from "./group-sums.ts";

/** With more attempts than this in 10 s the next bucket tells soon enough, and looking at each would cost too much. */
const attemptsMax = 20_000;
const bucketMs = 10_000;

/**
 * Looks at the single attempts of groups whose newest bucket holds failures and others, and notes how many failures
 * end it: rollups know how many failed, not in which order.
 */
export async function readFailuresInRow(
  db: Database,
  project: number,
  groups: readonly GroupSums[],
): Promise<void> {
  const mixed = groups.flatMap((group) => {
    const newest = group.recent?.newestMixed() ?? null;
    return newest === null ? [] : [{ group, ...newest }];
  });
  const attempts = mixed.reduce((sum, { all }) => sum + all, 0);
  if (mixed.length === 0 || attempts > attemptsMax) return;
  const asked = mixed.map((one): Asked => ({
    ...one,
    source: sourceCodes.codeOf(one.group.recent?.source ?? null),
    tried: [],
  }));
  const leftOut = new LeftOut();
  await findTried(db, project, asked, leftOut);
  // What is missing may have ended the row.
  if (leftOut.rows > 0) return;
  for (const { group, tried } of asked) {
    group.exactInRow = tried.length === 0 ? null : failuresAtEnd(tried);
  }
}

interface Asked {
  readonly group: GroupSums;
  readonly bucketMs: number;
  readonly source: number;
  readonly tried: Tried[];
}

/** One attempt, and whether it ends a row of failures. */
interface Tried {
  readonly startUs: number;
  readonly blockId: number;
  readonly position: number;
  readonly ordinal: number;
  readonly ended: boolean;
}

async function findTried(
  db: Database,
  project: number,
  asked: readonly Asked[],
  leftOut: LeftOut,
): Promise<void> {
  const byUpstream = Map.groupBy(asked, ({ group }) => group.upstreamId);
  const query = {
    project,
    fromMs: Math.min(...asked.map((one) => one.bucketMs)),
    toMs: Math.max(...asked.map((one) => one.bucketMs)) + bucketMs,
    proxyIds: [...new Set(asked.map(({ group }) => group.proxyId))],
    upstreamIds: [...byUpstream.keys()],
    leaveOut: leftOut.add,
  };
  for await (const segment of storedAttempts(db.pool, query)) {
    lookInto(segment, query, () => addTried(segment, byUpstream));
  }
}

function addTried(
  { blockId, records }: StoredRecords<AttemptField>,
  byUpstream: ReadonlyMap<number, readonly Asked[]>,
): void {
  const proxyId = records.column("proxyId");
  const source = records.column("source");
  const upstreamId = records.column("upstreamId");
  for (let at = 0; at < records.length; at += 1) {
    const startMs = (records.startUs[at] ?? 0) / 1_000;
    const of = byUpstream
      .get(upstreamId[at] ?? 0)
      ?.find(
        (one) =>
          one.group.proxyId === proxyId[at] &&
          one.source === source[at] &&
          startMs >= one.bucketMs &&
          startMs < one.bucketMs + bucketMs,
      );
    of?.tried.push(triedAt(blockId, records, at));
  }
}

function triedAt(blockId: number, records: Records<AttemptField>, at: number): Tried {
  const status = records.column("status")[at] ?? 0;
  return {
    startUs: records.startUs[at] ?? 0,
    blockId,
    position: records.column("position")[at] ?? 0,
    ordinal: records.column("ordinal")[at] ?? 0,
    ended: ![0, 503, 504].includes(status) && records.column("errorType")[at] === 0,
  };
}

function failuresAtEnd(tried: readonly Tried[]): number {
  const latestFirst = tried.toSorted(
    (a, b) =>
      b.startUs - a.startUs ||
      b.blockId - a.blockId ||
      b.position - a.position ||
      b.ordinal - a.ordinal,
  );
  const end = latestFirst.findIndex(({ ended }) => ended);
  return end < 0 ? latestFirst.length : end;
}
