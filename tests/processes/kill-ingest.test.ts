import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { decodeTraces } from "#lib/decode/otlp-traces.ts";
import { queryBlocks } from "#lib/query/blocks.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad, numberIn } from "./numbered-load.ts";

const project = 1;
const kills = 6;
let test: TestDatabase;
let ingest: IngestProcess;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await IngestProcess.on(test.url);
});
afterAll(async () => {
  await ingest.stop();
  await test.drop();
});

it("has every acknowledged span and line once, and none twice, however often ingest is killed", async () => {
  const begunMs = Date.now();
  await ingest.start();
  const load = numberedLoad(ingest.url);
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(250 + 130 * kill);
    await ingest.kill();
    await ingest.start();
  }
  await sleep(300);
  const { acknowledged, abandoned, resent } = await load.stop();
  expect(resent).toBeGreaterThan(0);
  expect(acknowledged.size).toBeGreaterThan(1_000);

  const stored = await storedNumbers();
  const times = new Map<number, number>();
  for (const number of stored) times.set(number, (times.get(number) ?? 0) + 1);
  expect([...acknowledged].filter((number) => !times.has(number))).toEqual([]);
  expect([...times].filter(([, count]) => count > 1)).toEqual([]);
  expect(
    [...times.keys()].filter((number) => !acknowledged.has(number) && !abandoned.has(number)),
  ).toEqual([]);

  const rows = await test.database.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM exchange",
  );
  expect(rows.rows[0]?.count).toBe(stored.length);
  const window = { fromMs: begunMs - 60_000, toMs: Date.now() + 60_000 };
  const proxies = await queryProxies(test.database, { project, window });
  expect(proxies.map(({ proxy }) => proxy).toSorted()).toEqual(["numbered", "numbered-lines"]);
  expect(proxies.reduce((sum, { requests }) => sum + requests, 0)).toBe(stored.length);
});

/** The number of every record in the database, from the blocks as they were received. */
async function storedNumbers(): Promise<number[]> {
  const answer = await test.database.pool.query<{ id: string }>("SELECT id FROM block");
  const ids = answer.rows.map(({ id }) => Number(id));
  const blocks = await queryBlocks(test.database, project, ids);
  return blocks.flatMap(({ signal, payload }) =>
    signal === "traces"
      ? decodeTraces(payload).spans.map(({ http }) => numberIn(http?.path ?? null))
      : linesOf(payload).map(numberIn),
  );
}

function linesOf(payload: Uint8Array): string[] {
  return Buffer.from(payload).toString("utf8").trimEnd().split("\n");
}
