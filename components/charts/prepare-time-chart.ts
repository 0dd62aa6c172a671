import type { Window } from "#lib/core/bucket.ts";

import { valueTicks, type Tick } from "./prepare-axis.ts";
import { linePath, measuredStretches } from "./prepare-sparkline.ts";

/** One row of values over time as a chart is given it. All rows of a chart have the same buckets. */
export interface ChartRow {
  /** Says which style and name the row has. */
  readonly key: string;
  readonly points: readonly (readonly [timeMs: number, value: number | null])[];
}

/** A line per row, or columns that stand on each other. */
export type ChartKind = "lines" | "columns";

/** A column of one row in one bucket; all four are shares of the plot. */
export interface Column {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its bucket has not ended yet, so its value will still change. */
  readonly open: boolean;
}

/** What a chart draws, in a box of 100 by 100 whose origin is the upper left. */
export interface TimeChart {
  /** Where the buckets begin, in epoch milliseconds. */
  readonly bucketsMs: readonly number[];
  readonly stepMs: number;
  readonly window: Window;
  readonly yTicks: readonly Tick[];
  readonly rows: readonly {
    readonly key: string;
    readonly values: readonly (number | null)[];
    readonly lines: readonly string[];
    /** The part of a line that leads to the bucket that has not ended yet. */
    readonly openLine: string | null;
    readonly dots: readonly { readonly x: number; readonly y: number }[];
    readonly columns: readonly Column[];
  }[];
  /** Stretches in which no row was measured, as shares of the width. */
  readonly gaps: readonly { readonly x: number; readonly width: number }[];
  readonly empty: boolean;
}

/**
 * Decides what a chart over time shows: its scale, one path per measured stretch, gaps where nothing was measured,
 * and which bucket has not ended at `nowMs`.
 */
export function prepareTimeChart(
  kind: ChartKind,
  rows: readonly ChartRow[],
  stepSeconds: number,
  nowMs: number,
): TimeChart {
  const stepMs = stepSeconds * 1_000;
  const bucketsMs = (rows[0]?.points ?? []).map(([timeMs]) => timeMs);
  const yTicks = valueTicks(greatest(kind, rows));
  const frame: Frame = {
    count: bucketsMs.length,
    top: yTicks.at(-1)?.value ?? 1,
    openFrom: bucketsMs.findIndex((timeMs) => timeMs + stepMs > nowMs),
  };
  const first = bucketsMs[0] ?? nowMs;
  return {
    bucketsMs,
    stepMs,
    window: { fromMs: first, toMs: (bucketsMs.at(-1) ?? first) + stepMs },
    yTicks,
    rows: kind === "lines" ? rows.map((row) => lineRow(row, frame)) : columnRows(rows, frame),
    gaps: gapsOf(rows, frame),
    empty: rows.every((row) => row.points.every(([, value]) => value === null)),
  };
}

/** The bucket at a share of the width; null outside of the plot. */
export function bucketAt(chart: TimeChart, share: number): number | null {
  const index = Math.floor(share * chart.bucketsMs.length);
  return index >= 0 && index < chart.bucketsMs.length ? index : null;
}

interface Frame {
  readonly count: number;
  readonly top: number;
  readonly openFrom: number;
}

type PreparedRow = TimeChart["rows"][number];

function greatest(kind: ChartKind, rows: readonly ChartRow[]): number {
  if (kind === "lines") {
    return Math.max(0, ...rows.flatMap((row) => row.points.map(([, value]) => value ?? 0)));
  }
  const sums = (rows[0]?.points ?? []).map((_, index) =>
    rows.reduce((sum, row) => sum + (row.points[index]?.[1] ?? 0), 0),
  );
  return Math.max(0, ...sums);
}

function lineRow(row: ChartRow, frame: Frame): PreparedRow {
  const stretches = measuredStretches(row.points).map((stretch) =>
    stretch.map(({ index, value }) => ({
      index,
      x: center(index, frame),
      y: height(value, frame),
    })),
  );
  const isOpen = (index: number) => frame.openFrom >= 0 && index >= frame.openFrom;
  const closed = stretches.map((stretch) => stretch.filter(({ index }) => !isOpen(index)));
  const last = stretches.at(-1) ?? [];
  const leading = last.filter(({ index }) => index >= frame.openFrom - 1);
  return {
    key: row.key,
    values: row.points.map(([, value]) => value),
    lines: closed.filter((stretch) => stretch.length > 1).map(linePath),
    openLine:
      leading.length > 1 && leading.some(({ index }) => isOpen(index)) ? linePath(leading) : null,
    dots: stretches.flatMap((stretch) => (stretch.length === 1 ? stretch : [])),
    columns: [],
  };
}

function columnRows(rows: readonly ChartRow[], frame: Frame): PreparedRow[] {
  const floors = Array.from({ length: frame.count }, () => 0);
  return rows.map((row) => ({
    key: row.key,
    values: row.points.map(([, value]) => value),
    lines: [],
    openLine: null,
    dots: [],
    columns: row.points.flatMap(([, value], index) => {
      if (value === null || value === 0) return [];
      const floor = floors[index] ?? 0;
      floors[index] = floor + value;
      return [column(index, floor, value, frame)];
    }),
  }));
}

function column(index: number, floor: number, value: number, frame: Frame): Column {
  const width = 100 / frame.count;
  const y = height(floor + value, frame);
  return {
    x: round(index * width + width * 0.08),
    y,
    width: round(width * 0.84),
    height: round(height(floor, frame) - y),
    open: frame.openFrom >= 0 && index >= frame.openFrom,
  };
}

function gapsOf(rows: readonly ChartRow[], frame: Frame): { x: number; width: number }[] {
  const gaps: { x: number; width: number }[] = [];
  let from = -1;
  for (let index = 0; index <= frame.count; index += 1) {
    const missing =
      index < frame.count && rows.every((row) => (row.points[index]?.[1] ?? null) === null);
    if (missing && from < 0) from = index;
    if (!missing && from >= 0) {
      gaps.push({
        x: round((from / frame.count) * 100),
        width: round(((index - from) / frame.count) * 100),
      });
      from = -1;
    }
  }
  return gaps;
}

function center(index: number, frame: Frame): number {
  return round(((index + 0.5) / frame.count) * 100);
}

function height(value: number, frame: Frame): number {
  return round(100 - (value / frame.top) * 100);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
