import type { ClientBase } from "pg";

import type { LeaveOut } from "#lib/core/stored-kind.ts";
import { unpackEntries } from "#lib/core/trace-entries.ts";
import { type TraceList, unlessMalformed } from "#lib/core/trace-list.ts";
import { mergeTraces } from "#lib/core/trace-merge.ts";
import { packPage, unpackPage } from "#lib/core/trace-page.ts";
import { append } from "#lib/db/appends.ts";
import { CopyRows } from "#lib/db/copy.ts";
import type { Database } from "#lib/db/open.ts";
import type { PartitionedTable } from "#lib/db/partitions.ts";

const dayMs = 86_400_000;
/** The level of a run that holds a whole day, whose pages stay where they are. */
export const dayLevel = 15;
/** Pages of each run read at once, and pages written at once: some hundred kilobytes. */
const pagesRead = 64;
const pagesWritten = 256;
/** Four rows of so many bytes fill a page of Postgres; above 1,976 they would be put aside and take more room. */
const pageBytes = 1_930;
const firstPageEntries = 256;

/** The traces of a block, not merged yet. */
export interface TraceBatch {
  readonly project: number;
  /** Midnight before the block was received. */
  readonly dayMs: number;
  readonly receivedMs: number;
  readonly blockId: number;
  readonly bytes: number;
}

/** What was merged of one project and day, in one order. */
export interface TraceRun {
  readonly project: number;
  readonly dayMs: number;
  readonly id: number;
  readonly level: number;
  readonly entries: number;
  readonly lastBlockId: number;
}

/** Where the pages of a run of this level stand. */
export function pageTableOf(level: number): PartitionedTable {
  return level === dayLevel ? "trace_day_page" : "trace_run_page";
}

/** Batches that wait to be merged, the oldest first; their bytes are not read. */
export async function waitingBatches(db: Database, limit: number): Promise<TraceBatch[]> {
  const answer = await db.pool.query<{
    project: number;
    received_at: Date;
    block_id: string;
    bytes: number;
  }>(
    `SELECT project_id AS project, received_at, block_id, octet_length(entries) AS bytes
       FROM trace_batch ORDER BY block_id LIMIT $1`,
    [limit],
  );
  return answer.rows.map(({ project, received_at, block_id, bytes }) => ({
    project,
    dayMs: Math.floor(received_at.getTime() / dayMs) * dayMs,
    receivedMs: received_at.getTime(),
    blockId: Number(block_id),
    bytes,
  }));
}

/** All runs there are. */
export async function listRuns(db: Database): Promise<TraceRun[]> {
  const answer = await db.pool.query<Record<"id" | "entries" | "last_block_id", string> & RunRow>(
    "SELECT project_id, day, id, level, entries, last_block_id FROM trace_run ORDER BY id",
  );
  return answer.rows.map(({ project_id, day, id, level, entries, last_block_id }) => ({
    project: project_id,
    dayMs: day.getTime(),
    id: Number(id),
    level,
    entries: Number(entries),
    lastBlockId: Number(last_block_id),
  }));
}

interface RunRow {
  readonly project_id: number;
  readonly day: Date;
  readonly level: number;
}

/**
 * Takes batches of one day out of the index, for whom the transaction adds a run; throws when another one took them. What
 * is damaged is left out: it would hold up all that are merged after it, and nobody can read it anyway.
 */
export async function takeBatches(
  client: ClientBase,
  batches: readonly TraceBatch[],
  leaveOut: LeaveOut,
): Promise<AsyncIterable<TraceList>[]> {
  const fromMs = batches[0]?.dayMs ?? 0;
  const answer = await client.query<{ block_id: string; entries: Buffer }>(
    `DELETE FROM trace_batch
      WHERE received_at >= $1 AND received_at < $2 AND block_id = ANY ($3::bigint[])
      RETURNING block_id, entries`,
    [new Date(fromMs), new Date(fromMs + dayMs), batches.map(({ blockId }) => blockId)],
  );
  refuseUnless(answer.rows.length === batches.length);
  return answer.rows.map(({ block_id, entries }) => only(entries, Number(block_id), leaveOut));
}

async function* only(
  entries: Uint8Array,
  blockId: number,
  leaveOut: LeaveOut,
): AsyncGenerator<TraceList> {
  const list = unlessMalformed(`batch ${blockId}`, leaveOut, () => unpackEntries(entries, blockId));
  if (list !== null) yield list;
}

/** Takes runs out of the index in the same way. Their pages are read while the lists are, and then to be dropped. */
export async function takeRuns(
  client: ClientBase,
  runs: readonly TraceRun[],
  leaveOut: LeaveOut,
): Promise<AsyncIterable<TraceList>[]> {
  const answer = await client.query("DELETE FROM trace_run WHERE id = ANY ($1::bigint[])", [
    runs.map(({ id }) => id),
  ]);
  refuseUnless(answer.rowCount === runs.length);
  return runs.map((run) => pagesOf(client, run, leaveOut));
}

function refuseUnless(allThere: boolean): void {
  if (!allThere) throw new Error("What was to be merged was merged by another worker.");
}

async function* pagesOf(
  client: ClientBase,
  run: TraceRun,
  leaveOut: LeaveOut,
): AsyncGenerator<TraceList> {
  const table = pageTableOf(run.level);
  for (let after = -1; ;) {
    const answer = await client.query<{ first_fingerprint: string; entries: Buffer }>(
      `SELECT first_fingerprint, entries FROM ${table}
        WHERE day = $1 AND run_id = $2 AND first_fingerprint > $3
        ORDER BY first_fingerprint LIMIT ${pagesRead}`,
      [new Date(run.dayMs), run.id, after],
    );
    for (const { first_fingerprint: first, entries } of answer.rows) {
      const list = unlessMalformed(`page ${run.id} ${first}`, leaveOut, () => unpackPage(entries));
      if (list !== null) yield list;
    }
    if (answer.rows.length < pagesRead) return;
    after = Number(answer.rows.at(-1)?.first_fingerprint);
  }
}

/** Drops the pages of runs that were taken and read. */
export async function deletePages(client: ClientBase, runs: readonly TraceRun[]): Promise<void> {
  for (const { level, dayMs: day, id } of runs) {
    await client.query(`DELETE FROM ${pageTableOf(level)} WHERE day = $1 AND run_id = $2`, [
      new Date(day),
      id,
    ]);
  }
}

/** Merges lists into one run, in which nothing is found before the transaction ends; gives how many entries it has. */
export async function writeRun(
  client: ClientBase,
  run: Omit<TraceRun, "id" | "entries">,
  lists: readonly AsyncIterable<TraceList>[],
): Promise<number> {
  const next = await client.query<{ id: string }>("SELECT nextval('trace_run_seq') AS id");
  const id = Number(next.rows[0]?.id);
  let entries = 0;
  let pageEntries = firstPageEntries;
  let rows = new CopyRows();
  const write = () => append(client, (to) => to.copy(pageTableOf(run.level), pageColumns, rows));
  for await (const page of mergeTraces(lists, () => pageEntries)) {
    const bytes = packPage(page);
    // Pages of one run are alike: the next one has as many entries as would have filled this one.
    pageEntries = Math.floor((page.fingerprints.length * pageBytes) / bytes.byteLength);
    rows.row(5);
    rows.timestamp(run.dayMs * 1000);
    rows.int8(id);
    rows.int8(page.fingerprints[0] ?? 0);
    rows.int2(run.project);
    rows.bytes(bytes);
    entries += page.fingerprints.length;
    if (rows.rows < pagesWritten) continue;
    await write();
    rows = new CopyRows();
  }
  await write();
  await client.query(
    `INSERT INTO trace_run (day, id, entries, last_block_id, project_id, level)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [new Date(run.dayMs), id, entries, run.lastBlockId, run.project, run.level],
  );
  return entries;
}

const pageColumns = ["day", "run_id", "first_fingerprint", "project_id", "entries"];

/** Forgets runs of days that ended before the time: their pages are dropped with the day. */
export async function forgetRuns(db: Database, beforeMs: number): Promise<void> {
  await db.pool.query("DELETE FROM trace_run WHERE day <= $1", [new Date(beforeMs - dayMs)]);
}
