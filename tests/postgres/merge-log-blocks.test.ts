import { createHash } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { logsParams } from "#lib/contract/logs.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { mergeSmallBlocks } from "#lib/run/merge-blocks.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { retain } from "#lib/run/retain.ts";
import { storedBlocks } from "#lib/store/stored-blocks.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const nowMs = Date.now();
/** An hour that is over. */
const hourStartMs = (Math.floor(nowMs / hourMs) - 2) * hourMs;
const window = { fromMs: hourStartMs - hourMs, toMs: nowMs };
const bodies = 90;
const ids: number[] = [];
let test: TestDatabase;
let ingest: Ingest;
let receivedMs = hourStartMs;
let before: Awaited<ReturnType<typeof answers>>;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, {
    project,
    metrics: createMetrics(),
    nowMs: () => receivedMs,
  });
  for (let place = 0; place < bodies; place += 1) {
    receivedMs = hourStartMs + place * 39_000 + (place % 13) * 71;
    await send(place);
  }
  const { rows } = await test.database.pool.query<{ id: string }>("SELECT id FROM log_block");
  ids.push(...rows.map(({ id }) => Number(id)));
  before = await answers();
});
afterAll(() => test.drop());

/** One to four lines that nobody understands, which are of the time at which they came. */
async function send(place: number): Promise<void> {
  const lines = Array.from({ length: 1 + (place % 4) }, (_, at) => `line ${place} "\u00fc" ${at}`);
  const body = Buffer.from(lines.join("\n"));
  const proxy = place % 5 === 0 ? "back" : "front";
  const query = new URLSearchParams(`format=nginx&proxy=${proxy}`);
  const result = await ingest.intake.accessLogs(body, query, {
    wireBytes: body.length,
    receivedAtMs: receivedMs,
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(true),
  });
  expect(result.kind).toBe("accepted");
}

async function answers() {
  const ask = (params: Record<string, string>) =>
    readLogs(test.database, { project, window }, logsParams.parse({ limit: "200", ...params }));
  const first = await ask({ limit: "50" });
  const second = await ask({ limit: "50", cursor: first.nextCursor ?? "" });
  return {
    all: await ask({}),
    pages: [first, second],
    back: await ask({ proxy: "back" }),
    found: await ask({ query: "line 42" }),
    kept: await storedBlocks(test.database, [...ids, 17]),
  };
}

async function countOf(): Promise<{ blocks: number; merged: number; bytes: number }> {
  const { rows } = await test.database.pool.query<{
    blocks: number;
    merged: number;
    bytes: number;
  }>(
    `SELECT count(*)::int AS blocks, count(last_id)::int AS merged,
            coalesce(sum(octet_length(payload)), 0)::int AS bytes FROM log_block`,
  );
  return rows[0] ?? { blocks: 0, merged: 0, bytes: 0 };
}

const merged = (atMs: number) => mergeSmallBlocks(test.database, createMetrics(), atMs);

it("lines of a quiet hour are found before they are merged", () => {
  expect(ids).toHaveLength(bodies);
  expect(before.all.items).toHaveLength(200);
  expect(before.found.items).toHaveLength(3);
  expect(before.kept.size).toBe(bodies);
});

it("a crash between taking and writing loses and doubles nothing", async () => {
  const { pool } = test.database;
  await pool.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'cut short'; END $$`);
  await pool.query(
    "CREATE TRIGGER fail BEFORE INSERT ON log_block FOR EACH ROW EXECUTE FUNCTION fail()",
  );
  const counted = await countOf();
  expect(await merged(nowMs)).toMatchObject({ members: 0, aside: bodies });
  await pool.query("DROP TRIGGER fail ON log_block");
  expect(await countOf()).toEqual(counted);
  expect(await answers()).toEqual(before);
});

it("two workers merge them once, and they are found, in their order and with their times, as before", async () => {
  const counted = await countOf();
  const both = await Promise.all([merged(nowMs + 16 * minuteMs), merged(nowMs + 16 * minuteMs)]);
  expect(both.reduce((sum, one) => sum + (one?.members ?? 0), 0)).toBe(bodies);
  const after = await countOf();
  expect(after).toMatchObject({ blocks: 1, merged: 1 });
  expect(after.bytes).toBeLessThan(counted.bytes / 5);
  expect(await answers()).toEqual(before);
  expect(await merged(nowMs)).toEqual({ members: 0, blocks: 0, aside: 0 });
});

it("a block that has other lines than it says stays as it is, and the others are merged", async () => {
  for (let place = 0; place < 10; place += 1) {
    receivedMs = hourStartMs - hourMs + place * 1_000;
    await send(place);
  }
  const { rows } = await test.database.pool.query<{ id: string }>(
    `UPDATE log_block SET records = records + 1
      WHERE id = (SELECT id FROM log_block WHERE last_id IS NULL ORDER BY id LIMIT 1 OFFSET 4) RETURNING id`,
  );
  const was = await answers();
  expect(await merged(nowMs)).toEqual({ members: 0, blocks: 0, aside: 1 });
  expect(await merged(nowMs + minuteMs)).toEqual({ members: 9, blocks: 1, aside: 0 });
  expect(await answers()).toEqual(was);
  const left = await test.database.pool.query<{ block_id: string; reason: string }>(
    "SELECT block_id, reason FROM block_aside",
  );
  const reason = "A block of 2 log lines has 1.";
  expect(left.rows).toEqual([{ block_id: rows[0]?.id, reason }]);
});

it("they are gone with their day, by the retention of logs alone", async () => {
  const days = { traces: 30, accessLogs: 30, logs: 3, metrics: 30, operations: 30 };
  const rollups = { rollup10s: 3, rollup1m: 3, rollup1h: 395, rollup1d: 1_830 };
  await retain(test.database, nowMs + 5 * dayMs, { ...days, ...rollups });
  expect(await countOf()).toMatchObject({ blocks: 0 });
  expect(await storedBlocks(test.database, ids)).toEqual(new Set());
});
