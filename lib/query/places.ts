import type { ClientBase, Pool } from "pg";

import { Best } from "#lib/core/best.ts";
import { sourceCodes } from "#lib/core/codes.ts";
import type { Bits64, Source } from "#lib/core/exchange.ts";
import type { RecordField } from "#lib/core/record-columns.ts";
import { signed } from "#lib/core/signed-bits.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";
import { inOneView, type StoredRecords } from "#lib/db/segments.ts";
import type { LeftOut } from "#lib/telemetry/left-out.ts";

import {
  visitAttempts,
  visitExchanges,
  type CountedRecords,
  type RecordVisitor,
} from "./counted-records.ts";
import { readCounted } from "./counted.ts";
import { idOfName } from "./names.ts";
import { receivedPlaces } from "./received-places.ts";
import { recentFrom } from "./recent-from.ts";
import type { RecordFilter } from "./record-filter.ts";
import type { Scope } from "./scope.ts";

/** Records looked through for the slowest ones: the newest of the window. */
const rowsMax = 200_000;

/** Where a record stands. */
export interface Place {
  /** As it was received, whatever it was merged into. */
  readonly blockId: number;
  /** Its ordinal within the block. */
  readonly position: number;
  readonly source: Source;
  /** Last 8 bytes of its trace id as Postgres' signed bigint in decimal; "0" for none. */
  readonly traceHash: string;
}

export interface PlacesOptions {
  /** Worst: those that failed, newest first, then the slowest of the newest 200,000. */
  readonly order: "worst" | "newest";
  readonly limit: number;
  readonly filter: RecordFilter;
}

/** Where the exchanges of the window stand; with an upstream in the scope, the attempts at it. */
export async function queryPlaces(
  db: Database,
  scope: Scope,
  { order, limit, filter }: PlacesOptions,
  leftOut: LeftOut,
): Promise<Place[]> {
  const search = await searchOf(db, scope, filter, leftOut);
  if (search === null) return [];
  const found =
    order === "newest" || filter.bad === "availability"
      ? await newest(db, search, limit)
      : await worst(db, search, limit);
  return receivedPlaces(db, scope.project, placesOf(found), leftOut);
}

/** What is looked for, and from when on. */
interface Search {
  readonly records: CountedRecords;
  /** Null for exchanges. */
  readonly upstreamId: number | null;
  /** Those that failed are few, and are looked for further back. */
  readonly failedFromMs: number;
}

async function searchOf(
  db: Database,
  scope: Scope,
  filter: RecordFilter,
  leftOut: LeftOut,
): Promise<Search | null> {
  const { project, window, upstream } = scope;
  const { rows, sourceOf } = await readCounted(db, scope, {
    subjects: ["exchange", "attempt"],
    stretch: 60,
    countersOnly: true,
  });
  if (sourceOf.size === 0) return null;
  const upstreamId =
    upstream === undefined ? null : await idOfName(db, project, "upstream", upstream);
  if (upstream !== undefined && upstreamId === null) return null;
  const since = (countOf: (row: RollupRow) => number): number =>
    recentFrom(rows, window.fromMs, { max: rowsMax, countOf });
  return {
    records: {
      project,
      window: { fromMs: since(({ counts }) => counts.requests), toMs: window.toMs },
      sourceOf,
      filter,
      leftOut,
    },
    upstreamId,
    failedFromMs: since(({ counts }) => counts.errors),
  };
}

/** A record that may be among those that are told. */
interface Candidate extends Bits64 {
  readonly startUs: number;
  readonly durationUs: number;
  readonly blockId: number;
  readonly position: number;
  readonly source: number;
}

async function newest(db: Database, search: Search, limit: number): Promise<readonly Candidate[]> {
  const best = new Best(limit, newestFirst);
  const { filter, window } = search.records;
  const fromMs = filter.bad === "availability" ? search.failedFromMs : window.fromMs;
  await visit(db.pool, searchWithin(search, { fromMs }), {
    see: (segment, at) => addNewest(best, segment, at),
    isOver: (segment) => isBehind(best, segment),
  });
  return best.sorted();
}

/**
 * Reads each segment at most once: those with failures first, which often have enough of them; the others only when it
 * takes the slowest to fill the list.
 */
async function worst(db: Database, search: Search, limit: number): Promise<readonly Candidate[]> {
  const failed = new Best(limit, newestFirst);
  const slow = new Best(limit, slowestFirst);
  const recentUs = search.records.window.fromMs * 1_000;
  const { failedFromMs: fromMs } = search;
  await inOneView(db.pool, async (client) => {
    await visit(client, searchWithin(search, { fromMs, failures: "some" }), {
      see: (segment, at) => {
        if (segment.records.column("failed")[at] === 1) addNewest(failed, segment, at);
        else if ((segment.records.startUs[at] ?? 0) >= recentUs) addSlowest(slow, segment, at);
      },
      isOver: (segment) => isBehind(failed, segment),
    });
    if (failed.sorted().length >= limit) return;
    await visit(client, searchWithin(search, { failures: "none" }), {
      see: (segment, at) => addSlowest(slow, segment, at),
    });
  });
  return [...failed.sorted(), ...slow.sorted()].slice(0, limit);
}

function searchWithin(
  { records, ...search }: Search,
  {
    fromMs = records.window.fromMs,
    failures,
  }: Pick<CountedRecords, "failures"> & { readonly fromMs?: number },
): Search {
  const window = { ...records.window, fromMs };
  return {
    ...search,
    records: { ...records, window, ...(failures !== undefined && { failures }) },
  };
}

function addNewest(best: Best<Candidate>, segment: StoredRecords<RecordField>, at: number): void {
  const startUs = segment.records.startUs[at] ?? 0;
  if (startUs >= (best.bound?.startUs ?? startUs)) best.add(candidateOf(segment, at));
}

function addSlowest(best: Best<Candidate>, segment: StoredRecords<RecordField>, at: number): void {
  const us = segment.records.column("durationUs")[at] ?? -1;
  if (us >= (best.bound?.durationUs ?? us)) best.add(candidateOf(segment, at));
}

/** Whether there are enough, and nothing that is still to come is newer. */
function isBehind(best: Best<Candidate>, { lastUs }: StoredRecords<RecordField>): boolean {
  best.sorted();
  return best.bound !== null && lastUs < best.bound.startUs;
}

function visit(
  client: Pool | ClientBase,
  { records, upstreamId }: Search,
  visitor: RecordVisitor<RecordField>,
): Promise<void> {
  return upstreamId === null
    ? visitExchanges(client, records, visitor)
    : visitAttempts(client, upstreamId, records, visitor);
}

function candidateOf(
  { blockId, traces, records }: StoredRecords<RecordField>,
  at: number,
): Candidate {
  const { startUs, trace } = records;
  const place = trace[at] ?? 0;
  return {
    startUs: startUs[at] ?? 0,
    durationUs: records.column("durationUs")[at] ?? -1,
    blockId,
    position: records.column("position")[at] ?? 0,
    source: records.column("source")[at] ?? 0,
    high: (traces.high[place] ?? 0) >>> 0,
    low: (traces.low[place] ?? 0) >>> 0,
  };
}

/** Of records that began at once, the one that was stored last: an answer is the same each time. */
function newestFirst(a: Candidate, b: Candidate): number {
  return b.startUs - a.startUs || b.blockId - a.blockId || b.position - a.position;
}

function slowestFirst(a: Candidate, b: Candidate): number {
  return b.durationUs - a.durationUs || newestFirst(a, b);
}

function placesOf(found: readonly Candidate[]): Place[] {
  return found.map(({ blockId, position, source, high, low }) => ({
    blockId,
    position,
    source: sourceCodes.wordOf(source) ?? "spans",
    traceHash: signed({ high, low }),
  }));
}
