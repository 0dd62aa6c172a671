import { expect } from "vitest";

import { unpackMembers } from "#lib/core/block-members.ts";
import type { Window } from "#lib/core/bucket.ts";
import type { Database } from "#lib/db/open.ts";
import { partitionedTables } from "#lib/db/partitions.ts";
import { storedExchanges } from "#lib/db/segments.ts";
import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { queryBlocks, type Block } from "#lib/query/blocks.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { numberIn, type SentNumbers } from "./numbered-load.ts";

const project = 1;
const blocksAtOnce = 100;

/** What is stored, held against what was sent. */
interface Comparison {
  readonly stored: number;
  /** Acknowledged and not stored. */
  readonly lost: readonly number[];
  readonly storedTwice: readonly number[];
  /** Neither acknowledged nor given up on. */
  readonly neverSent: readonly number[];
  /** Exchanges in the segments. */
  readonly rows: number;
  /** Requests that the sums count. */
  readonly counted: number;
  readonly proxies: readonly string[];
}

/**
 * Fails unless every acknowledged number is stored and counted once, and nothing else is but what a sender gave up on.
 * Gives how many are stored.
 */
export async function expectStoredOnce(database: Database, sent: SentNumbers): Promise<number> {
  const { stored, ...found } = await compareStored(database, sent);
  expect(found).toEqual({
    lost: [],
    storedTwice: [],
    neverSent: [],
    rows: stored,
    counted: stored,
    proxies: ["numbered", "numbered-lines"],
  });
  return stored;
}

/** Reads everything that is stored, and compares it with what was sent. */
export async function compareStored(
  database: Database,
  { acknowledged, abandoned, begunMs }: SentNumbers,
): Promise<Comparison> {
  const stored = await storedNumbers(database);
  const once = new Set<number>();
  const storedTwice = stored.filter((number) => once.size === once.add(number).size);
  const window = { fromMs: begunMs - 60_000, toMs: Date.now() + 60_000 };
  const proxies = await queryProxies(database, { project, window });
  return {
    stored: stored.length,
    lost: [...acknowledged].filter((number) => !once.has(number)),
    storedTwice,
    neverSent: [...once].filter((number) => !acknowledged.has(number) && !abandoned.has(number)),
    rows: await exchangesStored(database, window),
    counted: proxies.reduce((sum, { requests }) => sum + requests, 0),
    proxies: proxies.map(({ proxy }) => proxy).toSorted(),
  };
}

/** How many exchanges the segments hold, by reading each. */
async function exchangesStored(database: Database, window: Window): Promise<number> {
  let exchanges = 0;
  for await (const { records } of storedExchanges(database.pool, { project, ...window })) {
    exchanges += records.length;
  }
  return exchanges;
}

/** Takes everything out of the database that was received. */
export async function emptyTelemetry(database: Database): Promise<void> {
  const others = [
    "trace_run",
    "trace_run_page",
    "waiting_attempt",
    "rollup_open",
    "request_digest",
  ];
  const tables = [...Object.keys(partitionedTables), ...others];
  await database.pool.query(`TRUNCATE ${tables.join(", ")}`);
}

/** The number of every record in the database, from the blocks as they were received. */
export async function storedNumbers(database: Database): Promise<number[]> {
  const answer = await database.pool.query<{ id: string; members: Buffer | null }>(
    "SELECT id, members FROM block",
  );
  const ids = answer.rows.flatMap(({ id, members }) =>
    members === null ? [Number(id)] : unpackMembers(members).map((member) => member.id),
  );
  const numbers: number[] = [];
  for (let from = 0; from < ids.length; from += blocksAtOnce) {
    const blocks = await queryBlocks(database, project, ids.slice(from, from + blocksAtOnce));
    for (const block of blocks) for (const number of numbersOf(block)) numbers.push(number);
  }
  return numbers;
}

function numbersOf({ signal, payload }: Block): number[] {
  return signal === "traces"
    ? decodeTraces(payload).spans.map(({ http }) => numberIn(http?.path ?? null))
    : linesOf(payload).map(numberIn);
}

function linesOf(payload: Uint8Array): string[] {
  return Buffer.from(payload).toString("utf8").trimEnd().split("\n");
}
