import type { CustomTypesConfig, QueryArrayConfig } from "pg";

import type { Step } from "#lib/core/bucket.ts";
import { eachCell, packCells } from "#lib/core/cells.ts";
import { sources } from "#lib/core/exchange.ts";
import { emptySketch, SketchSum, type Sketch } from "#lib/core/sketch.ts";
import {
  counters,
  subjects,
  zeroCounts,
  type Counter,
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
const restColumns = ["last_at", "statuses", "latency"] as const;

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

/** The columns as a select list, for `readRollupRow`; NULL in the place of what is not wanted. */
export function rollupColumnsText(isWanted: (column: string) => boolean): string {
  return rollupColumns
    .map((column) => {
      if (!isWanted(column)) return "NULL";
      return isTime(column) ? msOf(`"${column}"`) : `"${column}"`;
    })
    .join(", ");
}

/** All of them. */
export const rollupSelectList = rollupColumnsText(() => true);

/**
 * The rows of a query added up per key and stretch of `seconds` (from the epoch on; null: all in one), as a query for
 * `readRollupRow`. The sketches of a sum stand one behind another: reading adds them up. Without cells, a sum has
 * counters alone.
 */
export function rollupTotals(rows: string, seconds: number | null, withCells = true): string {
  const bucket =
    seconds === null
      ? "'epoch'::timestamptz"
      : `date_bin('${seconds} seconds', bucket, 'epoch'::timestamptz)`;
  const keys = keyColumns.slice(1).map((column) => `"${column}"`);
  const list = [
    msOf("bin"),
    ...keys,
    ...counters.map((counter) => `sum(${columnOf(counter)})`),
    msOf("max(last_at)"),
    ...(withCells ? ["string_agg(statuses, '')", "string_agg(latency, '')"] : ["NULL", "NULL"]),
  ];
  return `SELECT ${list.join(", ")} FROM (SELECT *, ${bucket} AS bin FROM (${rows}) AS found) AS binned
    GROUP BY bin, ${keys.join(", ")}`;
}

function isTime(column: string): boolean {
  return column === "bucket" || column === "last_at";
}

/** A time as epoch milliseconds. */
function msOf(expression: string): string {
  return `floor(extract(epoch FROM ${expression}) * 1000)::bigint`;
}

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
  rows.bytes(packedStatuses(row.statuses));
  rows.bytes(packCells(row.latency.index, row.latency.count));
}

function packedStatuses(statuses: ReadonlyMap<number, number>): Uint8Array {
  const numbers: number[] = [];
  for (const [status, count] of statuses) if (count !== 0) numbers.push(status);
  if (numbers.length > 1) numbers.sort((a, b) => a - b);
  return packCells(
    numbers,
    numbers.map((status) => statuses.get(status) ?? 0),
  );
}

/** A query whose rows `readRollupRow` reads: the fields are the texts that Postgres sent. */
export function rollupQuery(text: string, values: unknown[]): QueryArrayConfig {
  return { text, values, rowMode: "array", types: rawTexts };
}

const rawTexts: CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/** Reads a row that was selected by `rollupSelectList` with `rollupQuery`. */
export function readRollupRow(fields: readonly string[]): RollupRow {
  let place = 0;
  const next = (): string => {
    const field = fields[place];
    place += 1;
    if (field === undefined) throw new Error("A rollup row has fewer fields than its column list.");
    return field;
  };
  const bucketMs = Number(next());
  const project = Number(next());
  const proxyId = Number(next());
  const upstreamId = Number(next());
  const peerId = Number(next());
  const source = wordOf(sources, next());
  const subject = wordOf(subjects, next());
  const detail = next();
  const counts = zeroCounts();
  for (const counter of counters) counts[counter] = Number(next());
  const lastMs = Number(next());
  const statuses = statusesOf(bytesOf(next()));
  const latency = sketchOf(bytesOf(next()));
  const key = { source, subject, proxyId, upstreamId, peerId, detail };
  return { ...key, project, bucketMs, counts, lastMs, statuses, latency };
}

function columnOf(counter: Counter): string {
  return counter.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function wordOf<Word extends string>(words: readonly Word[], text: string): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new Error(`A rollup row has the unknown word "${text}".`);
  return word;
}

/** A bytea as Postgres writes it: `\\x`, then hex; of an aggregate over no row it is null. */
function bytesOf(text: string | null): Uint8Array {
  return text === null ? noBytes : Buffer.from(text.slice(2), "hex");
}

const noBytes = new Uint8Array();

function statusesOf(bytes: Uint8Array): Map<number, number> {
  const statuses = new Map<number, number>();
  eachCell(bytes, (status, count) => statuses.set(status, (statuses.get(status) ?? 0) + count));
  return statuses;
}

function sketchOf(bytes: Uint8Array): Sketch {
  if (bytes.length < 2) return emptySketch;
  const index: number[] = [];
  const count: number[] = [];
  let ascending = true;
  eachCell(bytes, (bucket, cell) => {
    ascending &&= bucket > (index.at(-1) ?? -1);
    index.push(bucket);
    count.push(cell);
  });
  // Several sketches one behind another start anew somewhere, and only those need adding up.
  if (ascending) return { index, count };
  const sum = new SketchSum();
  sum.merge({ index, count });
  return sum.toSketch();
}
