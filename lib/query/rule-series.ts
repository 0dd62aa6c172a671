import type { Source } from "#lib/core/exchange.ts";
import type { KeepMs } from "#lib/core/keep.ts";
import type { Group } from "#lib/core/measured.ts";
import type { Database } from "#lib/db/open.ts";

import { chosenSources, countingSources } from "./counted.ts";
import { namesOf } from "./names.ts";
import { GroupSums } from "./rule-series/group-sums.ts";
import { readClocks } from "./rule-series/read-clocks.ts";
import { readFailuresInRow } from "./rule-series/read-failures-in-row.ts";
import { readFuture } from "./rule-series/read-future.ts";
import { boundsOf, readWindow, type WindowReading } from "./rule-series/read-window.ts";

/** A window that rules look at, and whether they need its latencies. */
export interface SeriesWindow {
  readonly seconds: number;
  readonly latency: boolean;
}

/** What all rules look at, of one time. */
export interface RuleSeries {
  /** Every proxy, and every upstream of it, that any of the windows knows. */
  readonly groups: readonly Group[];
  /** How many of the equal slices of a window, from its start, hold any record at all. */
  readonly observedSlices: (windowSeconds: number, slices: number) => number;
}

/**
 * Reads the sums that rules look at: one statement for each length of a window, whatever the number of rules.
 * Windows of an hour and more end with the running minute and are read once in it; shorter ones end with the running 10 s.
 */
export class RuleSeriesReader {
  readonly #db: Database;
  readonly #project: number;
  readonly #keep: KeepMs | undefined;
  #known = new Map<number, WindowReading>();

  constructor(db: Database, project: number, keep?: KeepMs) {
    this.#db = db;
    this.#project = project;
    this.#keep = keep;
  }

  /** The sums of all windows up to now, for every proxy and upstream. */
  async read(nowMs: number, windows: readonly SeriesWindow[]): Promise<RuleSeries> {
    const chosen = await chosenSources(this.#db, this.#project);
    const readings: WindowReading[] = [];
    for (const window of windows) readings.push(await this.#readingOf(nowMs, window));
    const future = await readFuture(this.#db, this.#project, nowMs);
    const groups = groupsOf(readings, sourcesOf(readings, chosen));
    for (const [key, lastMs] of future) groups.get(key)?.see(lastMs);
    await readFailuresInRow(this.#db, this.#project, [...groups.values()]);
    const ids = [...groups.values()].flatMap(({ proxyId, upstreamId }) => [proxyId, upstreamId]);
    const nameOf = await namesOf(this.#db, this.#project, ids);
    const clocks = await readClocks(this.#db, this.#project, nowMs);
    for (const sums of groups.values()) {
      if (sums.upstreamId === 0) sums.clockOffMs = clocks.get(nameOf(sums.proxyId)) ?? null;
    }
    return {
      groups: [...groups.values()].map((sums) => sums.toGroup(nameOf)),
      observedSlices: (seconds, slices) =>
        readings.find((one) => one.seconds === seconds)?.observedSlices(slices) ?? 0,
    };
  }

  async #readingOf(nowMs: number, window: SeriesWindow): Promise<WindowReading> {
    const bounds = boundsOf(nowMs, window.seconds);
    const known = this.#known.get(window.seconds);
    const fits = known?.bounds.toMs === bounds.toMs && (known.latency || !window.latency);
    if (known !== undefined && fits && bounds.perMinute) return known;
    const question = { project: this.#project, keep: this.#keep, nowMs, window };
    const reading = await readWindow(this.#db, question);
    this.#known.set(window.seconds, reading);
    return reading;
  }
}

/** The widest window that knows a proxy decides; one that began within the running minute is known to short ones only. */
function sourcesOf(
  readings: readonly WindowReading[],
  chosen: ReadonlyMap<number, Source>,
): Map<number, Source> {
  const narrowFirst = readings.toSorted((a, b) => a.seconds - b.seconds);
  return new Map(narrowFirst.flatMap((one) => [...countingSources(one.counted(), chosen)]));
}

function groupsOf(
  readings: readonly WindowReading[],
  sourceOf: ReadonlyMap<number, string>,
): Map<string, GroupSums> {
  const groups = new Map<string, GroupSums>();
  for (const { seconds, parts } of readings) {
    for (const part of parts) {
      if (sourceOf.get(part.proxyId) !== part.source) continue;
      const key = `${part.proxyId} ${part.upstreamId}`;
      const group = groups.get(key) ?? new GroupSums(part.proxyId, part.upstreamId);
      groups.set(key, group);
      group.add(seconds, part);
    }
  }
  return groups;
}
