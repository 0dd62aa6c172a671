import { sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { idOfName } from "./names.ts";
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
}

/** Where the exchanges of the window stand; with an upstream in the scope, the attempts at it. */
export async function queryPlaces(
  db: Database,
  scope: Scope,
  { order, limit }: PlacesOptions,
): Promise<Place[]> {
  const conditions = await conditionsOf(db, scope);
  if (conditions === null) return [];
  const { table, where, values } = conditions;
  const select = async (more: string, sort: string): Promise<Place[]> => {
    const answer = await db.pool.query<PlaceRow>(
      `SELECT block_id, position, source, trace_hash FROM ${table}
        WHERE ${where} ${more} ORDER BY ${sort} LIMIT ${limit}`,
      values,
    );
    return answer.rows.map(placeOf);
  };
  if (order === "newest") return select("", "started_at DESC");
  const failed = await select("AND failed", "started_at DESC");
  if (failed.length >= limit) return failed;
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

interface Conditions {
  readonly table: "exchange" | "attempt";
  readonly where: string;
  readonly values: unknown[];
}

async function conditionsOf(db: Database, scope: Scope): Promise<Conditions | null> {
  const { rows, sourceOf } = await readCounted(db, scope, {
    subjects: ["exchange", "attempt"],
    stretch: 60,
  });
  if (sourceOf.size === 0) return null;
  const values: unknown[] = [
    scope.project,
    new Date(recentFrom(scope, rows)),
    new Date(scope.window.toMs),
    [...sourceOf.keys()],
    [...sourceOf.values()].map((source) => sourceCodes.codeOf(source)),
  ];
  const where = `project_id = $1 AND started_at >= $2 AND started_at < $3
    AND (proxy_id, source) IN (SELECT * FROM unnest($4::int[], $5::smallint[]))`;
  if (scope.upstream === undefined) return { table: "exchange", where, values };
  values.push(await idOfName(db, scope.project, "upstream", scope.upstream));
  return { table: "attempt", where: `${where} AND upstream_id = $6`, values };
}

/** From when on the window holds about as many rows as may be looked through. */
function recentFrom(scope: Scope, rows: readonly RollupRow[]): number {
  let sum = 0;
  for (const row of rows.toSorted((a, b) => b.bucketMs - a.bucketMs)) {
    sum += row.counts.requests;
    if (sum > rowsMax) return Math.max(scope.window.fromMs, row.bucketMs);
  }
  return scope.window.fromMs;
}
