import { segmentsOf, type Step, type Window } from "#lib/core/bucket.ts";
import { finestKept, keepMsDefault, type KeepMs } from "#lib/core/keep.ts";
import type { Subject } from "#lib/core/sums.ts";
import { eachRowOf } from "#lib/db/each-row.ts";
import type { Database } from "#lib/db/open.ts";
import {
  readRollupRow,
  rollupQuery,
  rollupColumnsText,
  rollupSelectList,
  rollupTables,
  type RollupRow,
} from "#lib/db/rollup-row.ts";

import { PartSums } from "./part-sums.ts";

export interface WindowQuestion {
  readonly project: number;
  readonly keep: KeepMs | undefined;
  readonly nowMs: number;
  readonly window: { readonly seconds: number; readonly latency: boolean };
}

interface Bounds extends Window {
  /** Whether the bounds move once a minute instead of every 10 s. */
  readonly perMinute: boolean;
}

/** The requests of one source of a proxy, as the choice of the counting source needs them. */
type CountedRow = Pick<RollupRow, "source" | "subject" | "proxyId" | "counts">;

/** From this length on windows are cut at minutes. */
const perMinuteFrom = 3_600;

/** From when to when a window of this length is read. */
export function boundsOf(nowMs: number, seconds: number): Bounds {
  const perMinute = seconds >= perMinuteFrom;
  const finestMs = perMinute ? 60_000 : 10_000;
  const toMs = Math.ceil(nowMs / finestMs) * finestMs;
  return { fromMs: toMs - seconds * 1000, toMs, perMinute };
}

/** One window, read: its rows added up by source and group. */
export class WindowReading {
  readonly seconds: number;
  readonly latency: boolean;
  readonly bounds: Bounds;
  readonly #parts = new Map<string, PartSums>();
  /** Buckets that hold records, each with its width in seconds. */
  readonly #buckets = new Set<string>();

  constructor({ seconds, latency }: WindowQuestion["window"], bounds: Bounds) {
    this.seconds = seconds;
    this.latency = latency;
    this.bounds = bounds;
  }

  get parts(): Iterable<PartSums> {
    return this.#parts.values();
  }

  add(row: RollupRow, step: number): void {
    if (row.subject !== "attempt") this.#partOf(row, 0).add(row);
    if (row.upstreamId !== 0) this.#partOf(row, row.upstreamId).add(row);
    if (isRecord(row.subject)) this.#buckets.add(`${row.bucketMs} ${step}`);
  }

  /** How many of the equal slices of the window hold any record. */
  observedSlices(slices: number): number {
    const { fromMs, toMs } = this.bounds;
    const sliceMs = (toMs - fromMs) / slices;
    const seen = new Set<number>();
    for (const bucket of this.#buckets) {
      const [startMs = 0, step = 0] = bucket.split(" ").map(Number);
      const first = Math.max(0, Math.floor((startMs - fromMs) / sliceMs));
      const last = Math.ceil((startMs + step * 1000 - fromMs) / sliceMs) - 1;
      for (let at = first; at <= Math.min(last, slices - 1); at += 1) seen.add(at);
    }
    return seen.size;
  }

  counted(): CountedRow[] {
    return [...this.#parts.values()].map((part) => ({
      source: part.source,
      subject: part.upstreamId === 0 ? "exchange" : "attempt",
      proxyId: part.proxyId,
      counts: part.counts,
    }));
  }

  #partOf(row: RollupRow, upstreamId: number): PartSums {
    const key = `${row.source} ${row.proxyId} ${upstreamId}`;
    const part = this.#parts.get(key) ?? new PartSums(row.source, row.proxyId, upstreamId);
    this.#parts.set(key, part);
    return part;
  }
}

/** Reads one window in one statement. */
export async function readWindow(db: Database, question: WindowQuestion): Promise<WindowReading> {
  const { project, nowMs, window } = question;
  const bounds = boundsOf(nowMs, window.seconds);
  const values: unknown[] = [project];
  const list = window.latency ? rollupSelectList : withoutLatency;
  const parts = segmentsOf(bounds, finestOf(question, bounds), coarsestOf(window.seconds)).map(
    (segment) => {
      values.push(new Date(segment.fromMs), new Date(segment.toMs));
      const within = `project_id = $1 AND bucket >= $${values.length - 1} AND bucket < $${values.length}`;
      return `SELECT ${list}, ${segment.step} FROM ${rollupTables[segment.step]} WHERE ${within}
        UNION ALL SELECT ${list}, step FROM rollup_open WHERE step <= ${segment.step} AND ${within}`;
    },
  );
  const reading = new WindowReading(window, bounds);
  await eachRowOf(db, rollupQuery(parts.join(" UNION ALL "), values), (fields) =>
    reading.add(readRollupRow(fields), Number(fields.at(-1))),
  );
  return reading;
}

/** Latencies are most of a row's bytes; where nobody asks for them they stay in the database. */
const withoutLatency = rollupColumnsText((column) => column !== "latency");

function isRecord(subject: Subject): boolean {
  return subject === "exchange" || subject === "attempt";
}

function finestOf({ nowMs, keep }: WindowQuestion, { fromMs, perMinute }: Bounds): Step {
  const kept = finestKept(fromMs, nowMs, keep ?? keepMsDefault);
  return perMinute && kept < 60 ? 60 : kept;
}

/** Short windows are read bucket by bucket, as failures in a row are counted in them. */
function coarsestOf(seconds: number): Step {
  if (seconds <= 300) return 10;
  return seconds < perMinuteFrom ? 60 : 86_400;
}
