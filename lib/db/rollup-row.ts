import type { CustomTypesConfig, QueryArrayConfig } from "pg";

import type { Step } from "#lib/core/bucket.ts";
import { sources } from "#lib/core/exchange.ts";
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

/** The columns as a select list, for `readRollupRow`; times are epoch milliseconds. */
export const rollupSelectList = rollupColumns
  .map((column) =>
    ["bucket", "last_at"].includes(column)
      ? `floor(extract(epoch FROM "${column}") * 1000)::bigint`
      : `"${column}"`,
  )
  .join(", ");

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
  const statusCode = numbersOf(next());
  const statusCount = numbersOf(next());
  const latency = { index: numbersOf(next()), count: numbersOf(next()) };
  const statuses = new Map(statusCode.map((status, at) => [status, statusCount[at] ?? 0]));
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

/** An array of integers as Postgres writes it: `{1,2,3}`. Read digit by digit, as rows have hundreds. */
function numbersOf(text: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let sign = 1;
  for (let at = 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === minus) sign = -1;
    else if (code >= zero && code <= zero + 9) value = value * 10 + (code - zero);
    else {
      if (text.length > 2) numbers.push(sign * value);
      value = 0;
      sign = 1;
    }
  }
  return numbers;
}

const zero = 48;
const minus = 45;
