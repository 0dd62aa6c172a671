import type { Step, Window } from "#lib/core/bucket.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Group, Measurand } from "#lib/core/measured.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import { SlidingSums } from "./rule-history/sliding-sums.ts";

export interface RuleHistoryQuestion {
  readonly project: number;
  readonly keep: KeepMs;
  /** What is replayed; the windows look back from its start, too. */
  readonly window: Window;
  /** Seconds between two evaluations; no window is shorter. */
  readonly step: number;
  readonly windows: readonly { readonly seconds: number; readonly latency: boolean }[];
  readonly isWanted: (measurand: Measurand) => boolean;
  readonly proxy?: string;
  readonly upstream?: string;
}

/** How one group stood at every step of a replay. */
export interface GroupHistory extends Measurand {
  readonly steps: () => Generator<{ readonly atMs: number; readonly group: Group }>;
}

/** The sums that a rule would have seen, step by step, for every group that it looks at. */
export async function queryRuleHistory(
  db: Database,
  question: RuleHistoryQuestion,
): Promise<GroupHistory[]> {
  const { project, keep, window, step, windows, proxy, upstream } = question;
  const longest = Math.max(step, ...windows.map(({ seconds }) => seconds));
  const read = { fromMs: window.fromMs - longest * 1000, toMs: window.toMs };
  const coarsest: Step = step % 60 === 0 ? 60 : 10;
  const { rows } = await readCounted(
    db,
    { project, keep, window: read, proxy, upstream },
    { subjects: ["exchange", "attempt", "relation", "tls"], stretch: step, coarsest },
  );
  const nameOf = await namesOf(
    db,
    project,
    rows.flatMap((row) => [row.proxyId, row.upstreamId]),
  );
  return [...rowsByGroup(rows)]
    .map(([key, grouped]) => {
      const [proxyId = 0, upstreamId = 0] = key.split(" ").map(Number);
      const measurand = {
        proxy: nameOf(proxyId),
        upstream: upstreamId === 0 ? null : nameOf(upstreamId),
      };
      return { ...measurand, steps: () => stepsOf(measurand, grouped, question) };
    })
    .filter(question.isWanted);
}

function rowsByGroup(rows: readonly RollupRow[]): Map<string, RollupRow[]> {
  const groups = new Map<string, RollupRow[]>();
  const add = (row: RollupRow, upstreamId: number): void => {
    const key = `${row.proxyId} ${upstreamId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  };
  for (const row of rows) {
    if (row.subject !== "attempt") add(row, 0);
    if (row.upstreamId !== 0) add(row, row.upstreamId);
  }
  return groups;
}

function* stepsOf(
  measurand: Measurand,
  rows: readonly RollupRow[],
  { window, step, windows }: RuleHistoryQuestion,
): ReturnType<GroupHistory["steps"]> {
  const ordered = rows.toSorted((a, b) => a.bucketMs - b.bucketMs);
  const lengths = new Set(windows.map(({ seconds }) => Math.max(seconds, step)));
  const sliding = new Map(
    [...lengths].map((seconds) => [seconds, new SlidingSums(ordered, seconds)]),
  );
  const stepMs = step * 1000;
  for (let atMs = window.fromMs; atMs <= window.toMs; atMs += stepMs) {
    for (const sums of sliding.values()) sums.moveTo(atMs);
    const longest = sliding.get(Math.max(...lengths));
    const measured = windows.flatMap(({ seconds }) => {
      const sums = sliding.get(Math.max(seconds, step));
      return sums === undefined || sums.isEmpty ? [] : [[seconds, sums.toMeasured()] as const];
    });
    const group: Group = {
      ...measurand,
      windows: new Map(measured),
      lastMs: longest?.lastMs ?? null,
      unavailableInRow: longest?.unavailableInRow() ?? null,
      clockOffMs: null,
      certificateEndsMs: null,
    };
    yield { atMs, group };
  }
}
