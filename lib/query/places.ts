import { sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { idOfName } from "./names.ts";
import { recentFrom } from "./recent-from.ts";
import { conditionsOf, type RecordFilter } from "./record-filter.ts";
import type { Scope } from "./scope.ts";

/** Rows looked through for the slowest ones: the newest of the window. */
const rowsMax = 200_000;

/** Where a record stands. */
export interface Place {
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
): Promise<Place[]> {
  const searched = await searchedIn(db, scope, filter);
  if (searched === null) return [];
  const { table, where, values } = searched;
  const select = async (more: string, sort: string): Promise<Place[]> => {
    const onlyFailed = more === "AND failed" || filter.bad === "availability";
    values[1] = new Date(onlyFailed ? searched.failedFromMs : searched.fromMs);
    const answer = await db.pool.query<PlaceRow>(
      `SELECT block_id, position, source, trace_hash FROM ${table}
        WHERE ${where} ${more} ORDER BY ${sort} LIMIT ${limit}`,
      values,
    );
    return answer.rows.map(placeOf);
  };
  if (order === "newest") return select("", "started_at DESC");
  const failed = await select("AND failed", "started_at DESC");
  if (failed.length >= limit || filter.bad === "availability") return failed;
  const slow = await select("AND NOT failed", "duration_us DESC");
  return [...failed, ...slow].slice(0, limit);
}

interface PlaceRow {
  readonly block_id: string;
  readonly position: number;
  readonly source: number;
  readonly trace_hash: string;
}

function placeOf(row: PlaceRow): Place {
  return {
    blockId: Number(row.block_id),
    position: row.position,
    source: sourceCodes.wordOf(row.source) ?? "spans",
    traceHash: row.trace_hash,
  };
}

interface Searched {
  readonly table: "exchange" | "attempt";
  readonly where: string;
  /** The second is from when on. */
  readonly values: unknown[];
  readonly fromMs: number;
  /** Those that failed are found further back, as an index leads to them. */
  readonly failedFromMs: number;
}

async function searchedIn(
  db: Database,
  scope: Scope,
  filter: RecordFilter,
): Promise<Searched | null> {
  const { rows, sourceOf } = await readCounted(db, scope, {
    subjects: ["exchange", "attempt"],
    stretch: 60,
    countersOnly: true,
  });
  if (sourceOf.size === 0) return null;
  const { fromMs, toMs } = scope.window;
  const values: unknown[] = [
    scope.project,
    new Date(fromMs),
    new Date(toMs),
    [...sourceOf.keys()],
    [...sourceOf.values()].map((source) => sourceCodes.codeOf(source)),
  ];
  let where = `project_id = $1 AND started_at >= $2 AND started_at < $3
    AND (proxy_id, source) IN (SELECT * FROM unnest($4::int[], $5::smallint[]))`;
  const table = scope.upstream === undefined ? "exchange" : "attempt";
  if (scope.upstream !== undefined) {
    values.push(await idOfName(db, scope.project, "upstream", scope.upstream));
    where += ` AND upstream_id = $${values.length}`;
  }
  where += conditionsOf(filter, scope.project, values);
  const since = (countOf: (row: RollupRow) => number): number =>
    recentFrom(rows, fromMs, { max: rowsMax, countOf });
  return {
    table,
    where,
    values,
    fromMs: since(({ counts }) => counts.requests),
    failedFromMs: since(({ counts }) => counts.errors),
  };
}
