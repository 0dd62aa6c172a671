import { segmentsOf, type Step, type Window } from "#lib/core/bucket.ts";
import type { Source } from "#lib/core/exchange.ts";
import { finestKept, keepMsDefault, type KeepMs } from "#lib/core/keep.ts";
import type { Group } from "#lib/core/measured.ts";
import type { Database } from "#lib/db/open.ts";
import {
  readRollupRow,
  rollupQuery,
  rollupSelectList,
  rollupTables,
  type RollupRow,
} from "#lib/db/rollup-row.ts";

import { chosenSources, countingSources } from "./counted.ts";
import { namesOf } from "./names.ts";
import { GroupSums } from "./rule-series/group-sums.ts";

/** A window that rules look at, and whether they need its latencies. */
export interface SeriesWindow {
  readonly seconds: number;
  readonly latency: boolean;
}

export interface RuleSeriesQuestion {
  readonly project: number;
  readonly nowMs: number;
  readonly windows: readonly SeriesWindow[];
  readonly keep?: KeepMs;
}

/** What all rules look at, of one time. */
export interface RuleSeries {
  /** Every proxy, and every upstream of it, that any of the windows knows. */
  readonly groups: readonly Group[];
  /** How many of the equal slices of a window, from its start, hold any record at all. */
  readonly observedSlices: (windowSeconds: number, slices: number) => number;
}

/** The finest width at which a window of each length is cut. */
const finestSeconds = 10;
const minuteFrom = 3_600;

/**
 * The sums of all windows up to now, for every proxy and upstream: one statement for each length of a window,
 * whatever the number of rules. Windows of an hour and more end with the running minute, shorter ones with the running 10 s.
 */
export async function queryRuleSeries(
  db: Database,
  question: RuleSeriesQuestion,
): Promise<RuleSeries> {
  const chosen = await chosenSources(db, question.project);
  const answers: WindowRows[] = [];
  for (const window of question.windows) answers.push(await readWindow(db, question, window));
  const future = await readFuture(db, question);
  const sourceOf = countingSources(widest(answers), chosen);
  const groups = groupsOf(answers, sourceOf);
  for (const [key, lastMs] of future) groups.get(key)?.see(lastMs);
  const nameOf = await namesOf(db, question.project, idsOf(groups.values()));
  return {
    groups: [...groups.values()].map((sums) => sums.toGroup(nameOf)),
    observedSlices: (seconds, slices) => observedSlices(answers, seconds, slices),
  };
}

interface SteppedRow {
  readonly row: RollupRow;
  readonly step: number;
}

interface WindowRows {
  readonly seconds: number;
  readonly window: Window;
  readonly rows: readonly SteppedRow[];
}

/** Latencies are most of a row's bytes; where nobody asks for them they stay in the database. */
const withoutLatency = rollupSelectList
  .replace('"latency_index"', "'{}'")
  .replace('"latency_count"', "'{}'");

async function readWindow(
  db: Database,
  { project, nowMs, keep }: RuleSeriesQuestion,
  { seconds, latency }: SeriesWindow,
): Promise<WindowRows> {
  const window = windowOf(nowMs, seconds);
  const values: unknown[] = [project];
  const finest = seconds < minuteFrom ? finestSeconds : 60;
  const kept = finestKept(window.fromMs, nowMs, keep ?? keepMsDefault);
  const list = latency ? rollupSelectList : withoutLatency;
  const parts = segmentsOf(window, kept > finest ? kept : finest, coarsestOf(seconds)).map(
    (segment) => {
      values.push(new Date(segment.fromMs), new Date(segment.toMs));
      const within = `project_id = $1 AND bucket >= $${values.length - 1} AND bucket < $${values.length}`;
      return `SELECT ${list}, ${segment.step} FROM ${rollupTables[segment.step]} WHERE ${within}
        UNION ALL SELECT ${list}, step FROM rollup_open WHERE step <= ${segment.step} AND ${within}`;
    },
  );
  const answer = await db.pool.query<string[]>(rollupQuery(parts.join(" UNION ALL "), values));
  const rows = answer.rows.map((fields) => ({
    row: readRollupRow(fields),
    step: Number(fields.at(-1)),
  }));
  return { seconds, window, rows };
}

function windowOf(nowMs: number, seconds: number): Window {
  const finestMs = (seconds < minuteFrom ? finestSeconds : 60) * 1000;
  const toMs = Math.ceil(nowMs / finestMs) * finestMs;
  return { fromMs: toMs - seconds * 1000, toMs };
}

/** Short windows are read bucket by bucket, as failures in a row are counted in them. */
function coarsestOf(seconds: number): Step {
  if (seconds <= 300) return 10;
  return seconds < minuteFrom ? 60 : 86_400;
}

/** The newest records that lie in the future, by group: of senders whose clock is ahead. */
async function readFuture(
  db: Database,
  { project, nowMs }: RuleSeriesQuestion,
): Promise<Map<string, number>> {
  const answer = await db.pool.query<{ proxy_id: number; upstream_id: number; last_at: Date }>(
    `SELECT proxy_id, upstream_id, max(last_at) AS last_at FROM rollup_open
      WHERE project_id = $1 AND step = 10 AND bucket >= $2 AND subject IN ('exchange', 'attempt')
      GROUP BY proxy_id, upstream_id`,
    [project, new Date(windowOf(nowMs, finestSeconds).toMs)],
  );
  return new Map(
    answer.rows.map((row) => [keyOf(row.proxy_id, row.upstream_id), row.last_at.getTime()]),
  );
}

function widest(answers: readonly WindowRows[]): RollupRow[] {
  const most = answers.toSorted((a, b) => b.seconds - a.seconds)[0];
  return most?.rows.map(({ row }) => row) ?? [];
}

function groupsOf(
  answers: readonly WindowRows[],
  sourceOf: ReadonlyMap<number, Source>,
): Map<string, GroupSums> {
  const groups = new Map<string, GroupSums>();
  const groupAt = (proxyId: number, upstreamId: number): GroupSums => {
    const key = keyOf(proxyId, upstreamId);
    let group = groups.get(key);
    if (group === undefined) {
      group = new GroupSums(proxyId, upstreamId);
      groups.set(key, group);
    }
    return group;
  };
  for (const { seconds, rows } of answers) {
    for (const { row } of rows) {
      if (sourceOf.get(row.proxyId) !== row.source) continue;
      if (row.subject !== "attempt") groupAt(row.proxyId, 0).add(seconds, row);
      if (row.upstreamId !== 0) groupAt(row.proxyId, row.upstreamId).add(seconds, row);
    }
  }
  return groups;
}

function keyOf(proxyId: number, upstreamId: number): string {
  return `${proxyId} ${upstreamId}`;
}

function idsOf(groups: Iterable<GroupSums>): Set<number> {
  const ids = new Set<number>();
  for (const { proxyId, upstreamId } of groups) {
    ids.add(proxyId);
    ids.add(upstreamId);
  }
  return ids;
}

function observedSlices(answers: readonly WindowRows[], seconds: number, slices: number): number {
  const found = answers.find((answer) => answer.seconds === seconds);
  if (found === undefined) return 0;
  const { window, rows } = found;
  const sliceMs = (window.toMs - window.fromMs) / slices;
  const seen = new Set<number>();
  for (const { row, step } of rows) {
    if (row.subject !== "exchange" && row.subject !== "attempt") continue;
    const first = Math.max(0, Math.floor((row.bucketMs - window.fromMs) / sliceMs));
    const last = Math.ceil((row.bucketMs + step * 1000 - window.fromMs) / sliceMs) - 1;
    for (let slice = first; slice <= Math.min(last, slices - 1); slice += 1) seen.add(slice);
  }
  return seen.size;
}
