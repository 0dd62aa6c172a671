import type { SloSpender } from "#lib/contract/slos.ts";
import { errorTypeCodes, moduleEndpointCodes, sourceCodes } from "#lib/core/codes.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { SloDefinition } from "#lib/core/slo-definition.ts";
import type { Database } from "#lib/db/open.ts";

import { readCounted } from "../counted.ts";
import { idOfName, namesOf } from "../names.ts";
import { recentFrom } from "../recent-from.ts";
import { conditionsOf, type RecordFilter } from "../record-filter.ts";
import type { SloQuestion } from "../slo-events.ts";
import { most } from "./most.ts";

/** Records that are looked through for bad ones; failed ones are led to by an index, and cost more each. */
const recordsMax = 1_000_000;
const failedMax = 200_000;
/** Bad exchanges whose attempts are looked up. */
const joinedMax = 20_000;

interface SingleSpenders {
  readonly spenders: readonly SloSpender[];
  readonly fromMs: number | null;
}

/** What sums do not know of bad events: their modules, their error types, and the upstreams of a part of the exchanges. */
export async function querySingleSpenders(
  db: Database,
  question: SloQuestion,
  sourceOf: ReadonlyMap<number, Source>,
): Promise<SingleSpenders> {
  const { definition, project } = question;
  const filter = filterOf(definition);
  if (filter === null || sourceOf.size === 0) return { spenders: [], fromMs: null };
  const fromMs = await lookedFrom(db, question);
  const searched = await searchedIn(db, question, sourceOf, fromMs, filter);
  const [records, upstreams] = await Promise.all([
    badRecords(db, searched),
    definition.module === null && definition.endpoint === null ? [] : badAttempts(db, searched),
  ]);
  const nameOf = await namesOf(db, project, [
    ...records.map(({ module_id }) => module_id),
    ...upstreams.map(({ upstream_id }) => upstream_id),
  ]);
  const spenders = [
    ...most("module", records, ({ module_id, bad }) =>
      module_id === 0 ? [] : [[nameOf(module_id), bad]],
    ),
    ...most("errorType", records, ({ error_type, bad }) => {
      const word = errorTypeCodes.wordOf(error_type);
      return word === null ? [] : [[word, bad]];
    }),
    ...most("upstream", upstreams, ({ upstream_id, bad }) => [[nameOf(upstream_id), bad]]),
  ];
  return { spenders, fromMs };
}

/** Null where nothing single is bad: freshness knows only slices of time. */
function filterOf(definition: SloDefinition): RecordFilter | null {
  const { indicator, thresholdMs, endpoint, module } = definition;
  if (indicator === "freshness") return null;
  return {
    bad: indicator,
    ...(thresholdMs !== null && { thresholdMs }),
    ...(endpoint !== null && { endpoint }),
    ...(module !== null && { module }),
  };
}

/** From when on about as many records came as may be looked through: told by hours, and the newest hour by minutes. */
async function lookedFrom(db: Database, { project, keep, window, definition }: SloQuestion) {
  const { proxy, upstream, indicator } = definition;
  const scope = { project, keep, proxy: proxy ?? undefined, upstream: upstream ?? undefined };
  const onlyFailed = indicator === "availability";
  const since = async (stretch: 60 | 3_600, fromMs: number): Promise<number> => {
    const { rows } = await readCounted(
      db,
      { ...scope, window: { fromMs, toMs: window.toMs } },
      {
        subjects: [upstream === null ? "exchange" : "attempt"],
        stretch,
        coarsest: stretch,
        countersOnly: true,
      },
    );
    return recentFrom(rows, fromMs, {
      max: onlyFailed ? failedMax : recordsMax,
      countOf: ({ counts }) => (onlyFailed ? counts.errors : counts.requests),
    });
  };
  const fromMs = await since(3_600, window.fromMs);
  return window.toMs - fromMs > 3_600_000 ? fromMs : since(60, fromMs);
}

interface Searched {
  readonly table: "exchange" | "attempt";
  readonly where: string;
  readonly values: unknown[];
  readonly definition: SloDefinition;
}

async function searchedIn(
  db: Database,
  { project, window, excluded, definition }: SloQuestion,
  sourceOf: ReadonlyMap<number, Source>,
  fromMs: number,
  filter: RecordFilter,
): Promise<Searched> {
  const values: unknown[] = [
    project,
    new Date(fromMs),
    new Date(window.toMs),
    [...sourceOf.keys()],
    [...sourceOf.values()].map((source) => sourceCodes.codeOf(source)),
  ];
  let where = `project_id = $1 AND started_at >= $2 AND started_at < $3
    AND (proxy_id, source) IN (SELECT * FROM unnest($4::int[], $5::smallint[]))`;
  const { upstream, proxy } = definition;
  const named = [
    ["proxy", proxy],
    ["upstream", upstream],
  ] as const;
  for (const [kind, name] of named) {
    if (name === null) continue;
    values.push((await idOfName(db, project, kind, name)) ?? -1);
    where += ` AND ${kind}_id = $${values.length}`;
  }
  for (const cut of excluded) {
    values.push(new Date(cut.fromMs), new Date(cut.toMs));
    where += ` AND NOT (started_at >= $${values.length - 1} AND started_at < $${values.length})`;
  }
  where += conditionsOf(filter, project, values);
  return { table: upstream === null ? "exchange" : "attempt", where, values, definition };
}

async function badRecords(
  db: Database,
  { table, where, values }: Searched,
): Promise<{ module_id: number; error_type: number; bad: number }[]> {
  // The checksum database has a name in the place of a module.
  const ofModule =
    table === "exchange"
      ? `CASE module_endpoint WHEN ${moduleEndpointCodes.codeOf("sumdb")} THEN 0 ELSE module_id END AS module_id`
      : "0 AS module_id";
  const answer = await db.pool.query<{ module_id: number; error_type: number; bad: number }>(
    `SELECT ${ofModule}, error_type, count(*)::int AS bad FROM ${table} WHERE ${where} GROUP BY 1, 2`,
    values,
  );
  return answer.rows;
}

/** The bad attempts of bad exchanges: those of a log line stand in it, those of spans share its trace. */
async function badAttempts(
  db: Database,
  { where, values, definition }: Searched,
): Promise<{ upstream_id: number; bad: number }[]> {
  const { indicator, thresholdMs } = definition;
  if (indicator === "hit_ratio") return [];
  const limit = Math.round((thresholdMs ?? 0) * 1_000);
  const isBad = indicator === "availability" ? "a.failed" : `a.duration_us > ${limit}`;
  const within = `${isBad} AND a.project_id = $1 AND a.started_at >= $2 AND a.started_at < $3::timestamptz + interval '1 hour'`;
  const answer = await db.pool.query<{ upstream_id: number; bad: number }>(
    `WITH bad AS MATERIALIZED (
       SELECT block_id, position, trace_hash, proxy_id FROM exchange
        WHERE ${where} ORDER BY started_at DESC LIMIT ${joinedMax})
     SELECT upstream_id, count(*)::int AS bad FROM (
       SELECT a.upstream_id FROM attempt a WHERE a.source = ${sourceCodes.codeOf("logs")} AND ${within}
          AND (a.block_id, a.position) IN (SELECT block_id, position FROM bad)
       UNION ALL
       SELECT a.upstream_id FROM attempt a WHERE a.source = ${sourceCodes.codeOf("spans")} AND a.trace_hash <> 0 AND ${within}
          AND (a.trace_hash, a.proxy_id) IN (SELECT trace_hash, proxy_id FROM bad)
     ) tried GROUP BY upstream_id`,
    values,
  );
  return answer.rows;
}
