import { expect } from "vitest";

import type { Window } from "#lib/core/bucket.ts";
import type { Database } from "#lib/db/open.ts";
import { storedExchanges } from "#lib/db/segments.ts";
import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { queryBlocks } from "#lib/query/blocks.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { numberIn, type SentNumbers } from "./numbered-load.ts";

const project = 1;

/**
 * Fails unless every acknowledged number is stored and counted once, and nothing else is but what a sender gave up on.
 * Gives how many are stored.
 */
export async function expectStoredOnce(
  database: Database,
  { acknowledged, abandoned, begunMs }: SentNumbers,
): Promise<number> {
  const stored = await storedNumbers(database);
  const times = new Map<number, number>();
  for (const number of stored) times.set(number, (times.get(number) ?? 0) + 1);
  expect([...acknowledged].filter((number) => !times.has(number))).toEqual([]);
  expect([...times].filter(([, count]) => count > 1)).toEqual([]);
  expect(
    [...times.keys()].filter((number) => !acknowledged.has(number) && !abandoned.has(number)),
  ).toEqual([]);

  const window = { fromMs: begunMs - 60_000, toMs: Date.now() + 60_000 };
  expect(await exchangesStored(database, window)).toBe(stored.length);
  const proxies = await queryProxies(database, { project, window });
  expect(proxies.map(({ proxy }) => proxy).toSorted()).toEqual(["numbered", "numbered-lines"]);
  expect(proxies.reduce((sum, { requests }) => sum + requests, 0)).toBe(stored.length);
  return stored.length;
}

/** How many exchanges the segments hold, by reading each. */
async function exchangesStored(database: Database, window: Window): Promise<number> {
  let exchanges = 0;
  for await (const { records } of storedExchanges(database.pool, { project, ...window })) {
    exchanges += records.length;
  }
  return exchanges;
}

/** The number of every record in the database, from the blocks as they were received. */
export async function storedNumbers(database: Database): Promise<number[]> {
  const answer = await database.pool.query<{ id: string }>("SELECT id FROM block");
  const ids = answer.rows.map(({ id }) => Number(id));
  const blocks = await queryBlocks(database, project, ids);
  return blocks.flatMap(({ signal, payload }) =>
    signal === "traces"
      ? decodeTraces(payload).spans.map(({ http }) => numberIn(http?.path ?? null))
      : linesOf(payload).map(numberIn),
  );
}

function linesOf(payload: Uint8Array): string[] {
  return Buffer.from(payload).toString("utf8").trimEnd().split("\n");
}
