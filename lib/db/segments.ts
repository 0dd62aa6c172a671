import { type ClientBase, Pool, type PoolClient } from "pg";

import { MalformedSegment } from "#lib/core/malformed-segment.ts";
import {
  attemptLayout,
  exchangeLayout,
  type AttemptField,
  type ExchangeField,
  type Layout,
  type Records,
} from "#lib/core/record-columns.ts";
import type { TraceList } from "#lib/core/segment-traces.ts";
import { unpackRecords, unpackTraces } from "#lib/core/segment.ts";
import type { LeaveOut } from "#lib/core/stored-kind.ts";

import { packedColumns } from "./segment-bytes.ts";

/** Which segments are read; records in them that are not meant are for the reader to pass over. */
export interface SegmentQuery {
  readonly project: number;
  /** Of records that began in it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** With records of any of these proxies. */
  readonly proxyIds?: readonly number[];
  /** With attempts at any of these upstreams. */
  readonly upstreamIds?: readonly number[];
  /** With records that failed, or without any. */
  readonly failures?: "some" | "none";
  /** Only of blocks below this one. */
  readonly blocksBelow?: number;
  /** Told of segments that cannot be read, which are then passed over; absent, the first of them is thrown. */
  readonly leaveOut?: LeaveOut;
}

/** The records of one kind in one segment. */
export interface StoredRecords<Field extends string> {
  readonly blockId: number;
  /** Which of the block's segments it is. */
  readonly part: number;
  /** No record of this segment, or of any that is read after it, began later. */
  readonly lastUs: number;
  readonly traces: TraceList;
  readonly records: Records<Field>;
}

/**
 * The exchanges of a window, segment by segment, those that end last first. Holds one page and one segment at a time.
 * A pool is read as it is at one moment; of a transaction the caller makes sure, by `holdOneView`. Columns are unpacked
 * when they are first asked for: what looks at them does so within `lookInto`.
 */
export function storedExchanges(
  client: Pool | ClientBase,
  query: SegmentQuery,
): AsyncGenerator<StoredRecords<ExchangeField>> {
  return stored(client, query, "exchange", exchangeLayout);
}

/** The same of attempts. */
export function storedAttempts(
  client: Pool | ClientBase,
  query: SegmentQuery,
): AsyncGenerator<StoredRecords<AttemptField>> {
  return stored(client, query, "attempt", attemptLayout);
}

/** Looks at a segment; one whose columns turn out to be damaged is left out from there on. */
export function lookInto(
  segment: Pick<StoredRecords<never>, "blockId" | "part">,
  { leaveOut }: Pick<SegmentQuery, "leaveOut">,
  look: () => void,
): void {
  unlessMalformed(`${segment.blockId} ${segment.part}`, leaveOut, look);
}

function unlessMalformed<Result>(
  row: string,
  leaveOut: LeaveOut | undefined,
  read: () => Result,
): Result | null {
  try {
    return read();
  } catch (error) {
    if (leaveOut === undefined || !(error instanceof MalformedSegment)) throw error;
    leaveOut("segment", row, error);
    return null;
  }
}

/** Records fetched at once: few at first, as the newest often suffice; then some hundred kilobytes. */
const pageRecordsFirst = 4_096;
const pageRecordsMax = 65_536;
const pageSegmentsMax = 1_024;

interface SegmentRow {
  readonly ends_at: string;
  readonly last_us: string;
  readonly block_id: string;
  readonly part: number;
  readonly traces: Buffer;
  readonly columns: Buffer;
}

/** From here on the transaction sees what is stored now: merged blocks would be missed, or met twice, between two pages. */
export async function holdOneView(client: ClientBase): Promise<void> {
  await client.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
}

async function* stored<Field extends string>(
  client: Pool | ClientBase,
  query: SegmentQuery,
  kind: "exchange" | "attempt",
  layout: Layout<Field>,
): AsyncGenerator<StoredRecords<Field>> {
  if (!(client instanceof Pool)) {
    yield* pages(client, query, kind, layout);
    return;
  }
  const own = await client.connect();
  try {
    await own.query(beginOneView);
    yield* pages(own, query, kind, layout);
  } finally {
    await endOneView(own);
  }
}

/** Answers several questions by what is stored at one moment. */
export async function inOneView<Answer>(
  pool: Pool,
  ask: (client: ClientBase) => Promise<Answer>,
): Promise<Answer> {
  const client = await pool.connect();
  try {
    await client.query(beginOneView);
    return await ask(client);
  } finally {
    await endOneView(client);
  }
}

const beginOneView = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

async function endOneView(client: PoolClient): Promise<void> {
  const usable = await client.query("COMMIT").then(
    () => true,
    () => false,
  );
  client.release(!usable);
}

async function* pages<Field extends string>(
  client: ClientBase,
  query: SegmentQuery,
  kind: "exchange" | "attempt",
  layout: Layout<Field>,
): AsyncGenerator<StoredRecords<Field>> {
  let last: SegmentRow | undefined;
  let records = pageRecordsFirst;
  do {
    const { text, values } = pageQuery(query, kind, records, last);
    const { rows } = await client.query<SegmentRow>(text, values);
    for (const row of rows) {
      const segment = unlessMalformed(`${row.block_id} ${row.part}`, query.leaveOut, () =>
        unpacked(row, layout),
      );
      if (segment !== null) yield segment;
    }
    last = rows.at(-1);
    records = Math.min(records * 2, pageRecordsMax);
  } while (last !== undefined);
}

function unpacked<Field extends string>(
  row: SegmentRow,
  layout: Layout<Field>,
): StoredRecords<Field> {
  const traces = unpackTraces(row.traces);
  return {
    blockId: Number(row.block_id),
    part: row.part,
    lastUs: Number(row.last_us),
    traces,
    records: unpackRecords(layout, packedColumns(row.columns), traces),
  };
}

/** The next segments, as many as hold about so many records. */
function pageQuery(
  query: SegmentQuery,
  kind: "exchange" | "attempt",
  records: number,
  last: SegmentRow | undefined,
): { readonly text: string; readonly values: unknown[] } {
  const values: unknown[] = [query.project, new Date(query.fromMs), new Date(query.toMs), records];
  const placed = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    "project_id = $1",
    // A segment is no longer than an hour: the first tells its partition, and the last where the index ends.
    "first_at >= $2::timestamptz - interval '1 hour'",
    "first_at < $3",
    "last_at >= $2",
    "last_at < $3::timestamptz + interval '1 hour'",
    query.failures === "some" ? `failed_${kind}s > 0` : `${kind}s > 0`,
  ];
  if (query.failures === "none") conditions.push(`failed_${kind}s = 0`);
  if (query.proxyIds !== undefined)
    conditions.push(`proxy_ids && ${placed(query.proxyIds)}::int[]`);
  if (query.upstreamIds !== undefined) {
    conditions.push(`upstream_ids && ${placed(query.upstreamIds)}::int[]`);
  }
  if (query.blocksBelow !== undefined) conditions.push(`block_id < ${placed(query.blocksBelow)}`);
  if (last !== undefined) {
    const place = [last.ends_at, last.block_id, last.part].map(placed).join(", ");
    conditions.push(`(last_at, block_id, part) < (${place})`);
  }
  const text = `SELECT last_at::text AS ends_at, (extract(epoch FROM last_at) * 1000000)::int8 AS last_us, block_id, part, traces, columns
    FROM (SELECT last_at, block_id, part, traces, ${kind}_columns AS columns, sum(${kind}s) OVER newest - ${kind}s AS before
      FROM segment WHERE ${conditions.join(" AND ")}
      WINDOW newest AS (ORDER BY last_at DESC, block_id DESC, part DESC ROWS UNBOUNDED PRECEDING)
      LIMIT ${pageSegmentsMax}) AS page
    WHERE before < $4 ORDER BY last_at DESC, block_id DESC, part DESC`;
  return { text, values };
}
