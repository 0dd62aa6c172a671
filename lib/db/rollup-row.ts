import type { CustomTypesConfig } from "pg";

import type { Step } from "#lib/core/bucket.ts";
import { sources } from "#lib/core/exchange.ts";
import {
  counters,
  subjects,
  type Counter,
  type Counts,
  type SumKey,
  type Sums,
} from "#lib/core/sums.ts";

import type { CopyRows } from "./copy.ts";

/** One row of a rollup table: the sums of a key over one bucket, or a part of them. */
export interface RollupRow extends SumKey, Sums {
  readonly project: number;
  readonly bucketMs: number;
}

const keyColumns = [
  "bucket",
  "project_id",
  "proxy_id",
  "upstream_id",
  "peer_id",
  "source",
  "subject",
  "detail",
] as const;
const restColumns = [
  "last_at",
  "status_code",
  "status_count",
  "latency_index",
  "latency_count",
] as const;

/** The columns of every rollup table, in the order in which rows are written and read here. */
export const rollupColumns: readonly string[] = [
  ...keyColumns,
  ...counters.map(columnOf),
  ...restColumns,
];

/** The table of merged buckets of each width. */
export const rollupTables = {
  10: "rollup_10s",
  60: "rollup_1m",
  3600: "rollup_1h",
  86400: "rollup_1d",
} as const satisfies Record<Step, string>;

/** The columns as a select list. */
export const rollupSelectList = rollupColumns.map((column) => `"${column}"`).join(", ");

/** Writes the fields of a row; `extra` of them stand in front, already counted. */
export function writeRollupRow(rows: CopyRows, row: RollupRow): void {
  rows.timestamp(row.bucketMs * 1000);
  rows.int2(row.project);
  rows.int4(row.proxyId);
  rows.int4(row.upstreamId);
  rows.int4(row.peerId);
  rows.text(row.source);
  rows.text(row.subject);
  rows.text(row.detail);
  for (const counter of counters) rows.int8(row.counts[counter]);
  rows.timestamp(row.lastMs * 1000);
  const statuses = [...row.statuses].filter(([, count]) => count !== 0);
  rows.int2Array(statuses.map(([status]) => status));
  rows.int8Array(statuses.map(([, count]) => count));
  rows.int2Array(row.latency.index);
  rows.int8Array(row.latency.count);
}

/** Makes `pg` hand over the fields as the bytes that Postgres sent; use with `binary` and `rowMode: "array"`. */
export const rawBytes: CustomTypesConfig = {
  getTypeParser: () => (value: Buffer) => value,
};

/** Reads a row that was selected by `rollupSelectList` in binary with `rawBytes`. */
export function readRollupRow(fields: readonly Buffer[]): RollupRow {
  let place = 0;
  const next = (): Buffer => {
    const field = fields[place];
    place += 1;
    if (field === undefined) throw new Error("A rollup row has fewer fields than its column list.");
    return field;
  };
  const bucketMs = timeMs(next());
  const project = next().readInt16BE(0);
  const proxyId = next().readInt32BE(0);
  const upstreamId = next().readInt32BE(0);
  const peerId = next().readInt32BE(0);
  const source = wordOf(sources, next());
  const subject = wordOf(subjects, next());
  const detail = next().toString();
  const counts = Object.fromEntries(
    counters.map((counter) => [counter, int8(next(), 0)]),
  ) as Counts;
  const lastMs = timeMs(next());
  const statusCode = int2Array(next());
  const statusCount = int8Array(next());
  const latency = { index: int2Array(next()), count: int8Array(next()) };
  const statuses = new Map(statusCode.map((status, at) => [status, statusCount[at] ?? 0]));
  const key = { source, subject, proxyId, upstreamId, peerId, detail };
  return { ...key, project, bucketMs, counts, lastMs, statuses, latency };
}

function columnOf(counter: Counter): string {
  return counter.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function wordOf<Word extends string>(words: readonly Word[], field: Buffer): Word {
  const text = field.toString();
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new Error(`A rollup row has the unknown word "${text}".`);
  return word;
}

/** Milliseconds between 1970 and Postgres' 2000-01-01. */
const postgresEpochMs = 946_684_800_000;

function timeMs(field: Buffer): number {
  return Math.floor(int8(field, 0) / 1000) + postgresEpochMs;
}

function int8(field: Buffer, at: number): number {
  return field.readInt32BE(at) * 4_294_967_296 + field.readUInt32BE(at + 4);
}

/** An array in Postgres' binary form: a header of 20 bytes, then length and value of each element. */
function int2Array(field: Buffer): number[] {
  const values: number[] = [];
  for (let at = 24; at < field.length; at += 6) values.push(field.readInt16BE(at));
  return values;
}

function int8Array(field: Buffer): number[] {
  const values: number[] = [];
  for (let at = 24; at < field.length; at += 12) values.push(int8(field, at));
  return values;
}
