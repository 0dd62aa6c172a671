import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import type { RetentionDays } from "#lib/config/settings.ts";
import type { OperationsAnswer } from "#lib/contract/operations.ts";
import { diskForecast, type DailyData, type DiskForecast } from "#lib/core/disk-forecast.ts";
import type { Database } from "#lib/db/open.ts";
import type { PartitionedTable } from "#lib/db/partitions.ts";
import { queryDataDirectory, queryPartitionSizes, type PartitionSize } from "#lib/query/disk.ts";

import { daysKept, type Kept } from "../retain.ts";

const dayMs = 86_400_000;

type Disk = Pick<OperationsAnswer, "disk" | "retention">;

/** What takes room, day by day and kind by kind, and when there is none left. */
export async function readDisk(
  db: Database,
  settings: { readonly databaseUrl: string; readonly retention: RetentionDays },
  nowMs: number,
): Promise<Disk> {
  const [{ databaseBytes, partitions }, room] = await Promise.all([
    queryPartitionSizes(db),
    readDiskRoom(db, settings.databaseUrl),
  ]);
  const kept = daysKept(settings.retention);
  return {
    disk: {
      measuredAt: new Date(nowMs).toISOString(),
      databaseBytes,
      freeBytes: room?.freeBytes ?? null,
      days: daysOf(partitions),
      forecast:
        room === null ? { kind: "unknown" } : forecastOf(partitions, kept, room.freeBytes, nowMs),
    },
    retention: kept.map(({ table, days, variable }) => ({
      kind: table,
      variable,
      days,
      bytes: bytesOf(partitions.filter((one) => one.table === table)),
    })),
  };
}

/** The room on the disk of the database. */
export interface DiskRoom {
  readonly freeBytes: number;
  /** Share of what Postgres may use that is used, by whatever. */
  readonly used: number;
}

/** The room that Postgres has; null where its disk is not this machine's. */
export async function readDiskRoom(db: Database, databaseUrl: string): Promise<DiskRoom | null> {
  if (!isHere(databaseUrl)) return null;
  const folder = await queryDataDirectory(db);
  if (folder === null) return null;
  const stats = await statfs(folder)
    .catch(() => statfs(dirname(folder)))
    .catch(() => null);
  if (stats === null) return null;
  const { blocks, bfree, bavail, bsize } = stats;
  const used = blocks - bfree;
  return { freeBytes: bavail * bsize, used: used / Math.max(1, used + bavail) };
}

/** When so much free room is full, by the sizes of files alone. */
export async function readForecast(
  db: Database,
  retention: RetentionDays,
  freeBytes: number,
  nowMs: number,
): Promise<DiskForecast> {
  const { partitions } = await queryPartitionSizes(db);
  return forecastOf(partitions, daysKept(retention), freeBytes, nowMs);
}

function forecastOf(
  partitions: readonly PartitionSize[],
  kept: readonly Kept[],
  freeBytes: number,
  nowMs: number,
): DiskForecast {
  const data = kept.map((one) => dailyDataOf(one, partitions, nowMs));
  return diskForecast(data, freeBytes);
}

function isHere(databaseUrl: string): boolean {
  if (!URL.canParse(databaseUrl)) return false;
  const { hostname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get("host") ?? decodeURIComponent(hostname);
  return host === "" || host.startsWith("/") || /^(?:localhost|127\..*|\[?::1\]?)$/.test(host);
}

/** The parts of every day with telemetry, by its stamp. */
function daysWithData(partitions: readonly PartitionSize[]): [string, PartitionSize[]][] {
  const daily = Map.groupBy(
    partitions.filter(({ stamp }) => stamp.length === 8),
    ({ stamp }) => stamp,
  );
  return [...daily].filter(([, parts]) => parts.some(({ empty }) => !empty));
}

/** Days that are over; what is kept by month or year is spread over those of its days that had telemetry. */
function dailyDataOf(
  { table, days }: Kept,
  partitions: readonly PartitionSize[],
  nowMs: number,
): DailyData {
  const today = Math.floor(nowMs / dayMs);
  const known = daysWithData(partitions).map(([stamp]) => spanOf(stamp).fromDay);
  const spread = partitions
    .filter((one) => one.table === table)
    .flatMap(({ stamp, bytes }) => {
      const { fromDay, toDay } = spanOf(stamp);
      const within = known.filter((day) => day >= fromDay && day < toDay);
      return within.map((day) => ({ ageDays: today - day, bytes: bytes / within.length }));
    })
    .filter(({ ageDays }) => ageDays >= 1);
  return { keepDays: days, days: spread.toSorted((one, other) => other.ageDays - one.ageDays) };
}

/** The days of a partition, counted from 1970: a year's, a month's or one day's. */
function spanOf(stamp: string): { fromDay: number; toDay: number } {
  const [year = 0, month = 1, day = 1] = [
    stamp.slice(0, 4),
    stamp.slice(4, 6) || "1",
    stamp.slice(6) || "1",
  ].map(Number);
  const next = { 4: [1, 0, 0], 6: [0, 1, 0] }[stamp.length] ?? [0, 0, 1];
  const [years = 0, months = 0, days = 0] = next;
  return {
    fromDay: Date.UTC(year, month - 1, day) / dayMs,
    toDay: Date.UTC(year + years, month - 1 + months, day + days) / dayMs,
  };
}

/** The days with data, the newest first. */
function daysOf(partitions: readonly PartitionSize[]): OperationsAnswer["disk"]["days"] {
  return daysWithData(partitions)
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .map(([stamp, parts]) => ({
      day: `${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6)}`,
      parts: partsOf(parts),
    }));
}

function partsOf(parts: readonly PartitionSize[]): { kind: string; bytes: number }[] {
  const byKind = Map.groupBy(parts, ({ table }) => kindOf(table));
  return [...byKind].map(([kind, members]) => ({ kind, bytes: bytesOf(members) }));
}

const blockKinds: Partial<Record<PartitionedTable, string>> = {
  block_traces: "traces",
  block_access_logs: "access-logs",
  block_metrics: "metrics",
  metric_point: "metrics",
};

/** What came in, rows that are searched, sums that are charted, and what else there is. */
function kindOf(table: PartitionedTable): string {
  const known = blockKinds[table];
  if (known !== undefined) return known;
  if (table.startsWith("rollup_")) return "sums";
  if (table.startsWith("log_")) return "log_lines";
  return table.startsWith("segment_") || table.startsWith("trace_") ? "rows" : table;
}

function bytesOf(partitions: readonly PartitionSize[]): number {
  return partitions.reduce((sum, { bytes }) => sum + bytes, 0);
}
