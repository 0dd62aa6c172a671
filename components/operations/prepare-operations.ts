import type { OperationPoints, OperationsAnswer, ProcessItem } from "#lib/contract/operations.ts";

import type { ChartRow } from "../charts/prepare-time-chart.ts";

/** Refusals beyond these share a row of the chart. */
const reasonsShown = 4;
export const otherReasons = "(other)";
/** The row that stands for all others where nothing was counted. */
export const nothing = "(none)";

/** What was refused in the window, records and whole requests, the most first. */
export interface RefusalRow {
  readonly key: string;
  /** Signal of records, or way in of requests. */
  readonly from: string;
  readonly reason: string;
  readonly unit: "records" | "requests";
  readonly total: number;
  readonly points: OperationPoints;
}

/** Records that were refused one by one and requests that were refused as a whole, in one list. */
export function refusalRows(answer: OperationsAnswer): RefusalRow[] {
  const rows = [
    ...answer.refused.map((row) => ({ ...row, from: row.signal, unit: "records" as const })),
    ...answer.requestsRefused.map((row) => ({
      ...row,
      from: row.route,
      unit: "requests" as const,
    })),
  ];
  return rows
    .map(({ from, reason, unit, total, points }) => {
      return { key: `${unit} ${from} ${reason}`, from, reason, unit, total, points };
    })
    .toSorted((a, b) => b.total - a.total);
}

/** A row for each signal; a row of zeros where nothing was stored, as in `refusalChart`. */
export function acceptedChart({
  accepted,
  heldBytes,
}: Pick<OperationsAnswer, "accepted" | "heldBytes">): ChartRow[] {
  if (accepted.length === 0) return [zeros(heldBytes)];
  return accepted.map(({ signal, points }) => ({ key: signal, points }));
}

/**
 * A row for each of the reasons that count most, and one for all others. Where nothing was refused, a row of zeros at the
 * times at which something was `measured`, as none is counted then.
 */
export function refusalChart(rows: readonly RefusalRow[], measured: OperationPoints): ChartRow[] {
  if (rows.length === 0) return [zeros(measured)];
  const byReason = [...Map.groupBy(rows, ({ reason }) => reason)].map(([key, same]) => ({
    key,
    points: summed(same.map(({ points }) => points)),
  }));
  const [shown, rest] = [byReason.slice(0, reasonsShown), byReason.slice(reasonsShown)];
  if (rest.length === 0) return shown;
  return [...shown, { key: otherReasons, points: summed(rest.map(({ points }) => points)) }];
}

function zeros(measured: OperationPoints): ChartRow {
  const points = measured.map(([timeMs, value]) => [timeMs, value === null ? null : 0] as const);
  return { key: nothing, points };
}

/** Null only where none of them was measured. */
function summed(all: readonly ChartRow["points"][]): OperationPoints {
  return (all[0] ?? []).map(([timeMs], place) => {
    const values = all.map((points) => points[place]?.[1] ?? null);
    const known = values.filter((value) => value !== null);
    return [timeMs, known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)];
  });
}

/** The newest value that was measured. */
export function newest(points: OperationPoints): number | null {
  return points.findLast(([, value]) => value !== null)?.[1] ?? null;
}

/** The greatest value that was measured. */
export function greatest(points: OperationPoints): number | null {
  const known = points.map(([, value]) => value).filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Records a second that were stored last, of all signals; null where no process told of itself. */
export function acceptedNow(
  answer: Pick<OperationsAnswer, "accepted" | "heldBytes">,
): number | null {
  return newest(summed(acceptedChart(answer).map(({ points }) => points)));
}

/** Kinds of data in the order of their names, with what each takes on the days shown. */
export function diskKinds(days: OperationsAnswer["disk"]["days"]): string[] {
  return [...new Set(days.flatMap(({ parts }) => parts.map(({ kind }) => kind)))].toSorted();
}

/** Bytes of a kind on a day; 0 where there is none. */
export function bytesOf(day: OperationsAnswer["disk"]["days"][number], kind: string): number {
  return day.parts.find((part) => part.kind === kind)?.bytes ?? 0;
}

/** As the ready-made rule has it: above the one it fires, below the other it has recovered. */
const spoolBad = 0.8;
const spoolWarn = 0.5;

/** How much of its spool a process uses, from 0 to 1; null where it has none. */
export function spoolUsed({ spool }: Pick<ProcessItem, "spool">): number | null {
  if (spool === null || spool.bytesMax <= 0) return null;
  return Math.min(1, spool.bytes / spool.bytesMax);
}

/** How near the cap a spool is. */
export function spoolTone(used: number): "plain" | "warn" | "bad" {
  if (used > spoolBad) return "bad";
  return used > spoolWarn ? "warn" : "plain";
}

/** The process that lives and has the fullest spool; null when none has one. */
export function fullestSpool(processes: readonly ProcessItem[]): ProcessItem | null {
  const able = processes.filter((one) => one.alive && spoolUsed(one) !== null);
  return able.toSorted((a, b) => (spoolUsed(b) ?? 0) - (spoolUsed(a) ?? 0))[0] ?? null;
}
