import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exchangesParams } from "#lib/contract/exchanges.ts";
import { sloDefinition } from "#lib/contract/slos.ts";
import { RecordRows } from "#lib/core/record-rows.ts";
import { append } from "#lib/db/appends.ts";
import { homesOf } from "#lib/db/block-homes.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { holdOneView, storedExchanges } from "#lib/db/segments.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { addExchange } from "#lib/normalize/record-rows.ts";
import { querySetAside } from "#lib/query/blocks-aside.ts";
import { queryBlocks, queryKeptBlocks } from "#lib/query/blocks.ts";
import { querySloSpenders } from "#lib/query/slo-spenders.ts";
import { fillModules } from "#lib/rollup/fill-modules.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { mergeSmallBlocks } from "#lib/run/merge-blocks.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { retain } from "#lib/run/retain.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import { BlockIds, firstBlockIdAt } from "#lib/store/block-id.ts";
import { mergeRecordBlocks } from "#lib/store/block-merges.ts";
import { insertModulePrefixes, loadModulePrefixes } from "#lib/store/module-prefixes.ts";
import { smallRecordBlocks } from "#lib/store/small-blocks.ts";
import { storedBlocks } from "#lib/store/stored-blocks.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const nowMs = Date.now();
/** An hour that is over. */
const hourStartMs = (Math.floor(nowMs / hourMs) - 2) * hourMs;
/** A module prefix is counted from the middle of it on. */
const borderMs = hourStartMs + 30 * minuteMs;
const window = { fromMs: hourStartMs - hourMs, toMs: nowMs };
const requests = 120;
const prefix = "github.com/acme";

interface Counted {
  readonly blocks: number;
  readonly merged: number;
  readonly segments: number;
  readonly bytes: number;
}

async function countOf(test: TestDatabase): Promise<Counted> {
  const { rows } = await test.database.pool.query<Counted>(
    `SELECT (SELECT count(*) FROM block)::int AS blocks, (SELECT count(last_id) FROM block)::int AS merged,
            (SELECT count(*) FROM segment)::int AS segments,
            ((SELECT sum(octet_length(payload)) FROM block)
              + (SELECT sum(octet_length(traces) + octet_length(exchange_columns) + octet_length(attempt_columns)) FROM segment))::int AS bytes`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("Nothing was counted.");
  return row;
}

async function mergedMembers(test: TestDatabase, atMs = nowMs): Promise<number | undefined> {
  return (await mergeSmallBlocks(test.database, createMetrics(), atMs))?.members;
}

describe("a quiet hour of two proxies", () => {
  let test: TestDatabase;
  let ingest: Ingest;
  let receivedMs = hourStartMs;
  let before: Awaited<ReturnType<typeof answers>>;
  const blockIds: number[] = [];
  const traceIds: string[] = [];

  beforeAll(async () => {
    test = await testDatabase();
    ingest = await openIngest(test.database, {
      project,
      metrics: createMetrics(),
      nowMs: () => receivedMs,
    });
    await insertModulePrefixes(test.database, project, [prefix], {
      countedFromMs: borderMs,
      filledFromMs: borderMs + dayMs,
    });
    for (let place = 0; place < requests; place += 1) {
      receivedMs = hourStartMs + place * 29_000;
      await sendRequest(place);
      if (place % 2 === 0) await sendLines(place);
    }
    const { rows } = await test.database.pool.query<{ id: string }>("SELECT id FROM block");
    blockIds.push(...rows.map(({ id }) => Number(id)));
    before = await answers();
  });
  afterAll(() => test.drop());

  /** One to six spans of a trace, at times in two bodies, of which the second has the SERVER span. */
  async function sendRequest(place: number): Promise<void> {
    const traceId = createHash("md5").update(`trace ${place}`).digest("hex");
    traceIds.push(traceId);
    const spanId = (ordinal: number) => traceId.slice(ordinal, ordinal + 16);
    const path = place % 3 === 0 ? `/${prefix}/x/@v/v1.0.${place}.zip` : "/rsc.io/quote/@v/list";
    const common = { traceId, path, service: place % 5 === 0 ? "mirror" : "edge" };
    const failed = place % 7 === 0;
    const clients: SpanOptions[] = Array.from({ length: place % 6 }, (_, at) => ({
      ...common,
      kind: 3,
      spanId: spanId(at + 1),
      parent: spanId(0),
      startMs: receivedMs - 900 + at * 50,
      durationMs: 40,
      status: failed ? 503 : 200,
      host: `origin-${at}.example`,
    }));
    const server: SpanOptions = {
      ...common,
      kind: 2,
      spanId: spanId(0),
      startMs: receivedMs - 1_000,
      // Equal ones are told apart by where they stand.
      durationMs: 300 + (place % 10),
      status: failed ? 503 : 200,
    };
    const bodies = place % 4 === 1 ? [clients, [server]] : [[...clients, server]];
    for (const body of bodies) {
      if (body.length > 0) expect(await sendSpans(ingest, body)).toBe("accepted");
    }
  }

  async function sendLines(place: number): Promise<void> {
    const [, day, month, year, time] =
      /(\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(receivedMs - 500).toUTCString()) ?? [];
    const lines = Array.from({ length: 1 + (place % 3) }, (_, at) => {
      const status = (place + at) % 9 === 0 ? 502 : 200;
      const fields = `rt=0.${100 + place} ua="a:80, b:80" us="502, ${status}" urt="0.010, 0.020" cs=MISS`;
      return `10.0.0.9 - - [${day}/${month}/${year}:${time} +0000] "GET /${prefix}/y${at}/@v/list HTTP/1.1" ${status} 120 "-" "Go-http-client/1.1" ${fields}`;
    });
    // The last line without its end, and a line between that is none.
    const body = Buffer.from([...lines.slice(0, 1), "no such line", ...lines.slice(1)].join("\n"));
    const proxy = place % 8 === 0 ? "back" : "front";
    const query = new URLSearchParams(`format=nginx&proxy=${proxy}`);
    const result = await ingest.intake.accessLogs(body, query, {
      wireBytes: body.length,
      receivedAtMs: receivedMs,
      digest: createHash("sha1").update(body).digest("hex"),
      delivered: Promise.resolve(true),
    });
    expect(result.kind).toBe("accepted");
  }

  /** What the pages show of the hour. */
  async function answers() {
    const { database } = test;
    const lists = await Promise.all(
      [
        { order: "newest", limit: "200" },
        { order: "worst", limit: "200" },
        { order: "newest", limit: "200", upstream: "origin-1.example" },
        { order: "worst", limit: "50", proxy: "front" },
      ].map((query) => readExchanges(database, { project, window }, exchangesParams.parse(query))),
    );
    const ids = [...new Set(lists.flat().map(({ id }) => id))].toSorted();
    const exchanges = [];
    for (const id of ids) exchanges.push(await readExchange(database, { project, id }));
    const traces = [];
    for (const traceId of traceIds) traces.push(await readTrace(database, { project, traceId }));
    const blocks = await queryBlocks(database, project, blockIds);
    return {
      lists,
      exchanges,
      traces,
      spenders: await spenders(),
      filled: await filled(),
      blocks: blocks
        .map((block) => ({ ...block, payload: Buffer.from(block.payload).toString("latin1") }))
        .toSorted((a, b) => a.id - b.id),
      kept: new Set(await queryKeptBlocks(database, project, [...blockIds, 17])),
      known: new Set(await storedBlocks(database, [...blockIds, 17])),
    };
  }

  function spenders() {
    return Promise.all(
      ["edge", "front"].map(async (proxy) => {
        const definition = sloDefinition.parse({
          name: "All",
          indicator: "availability",
          module: prefix,
          proxy,
          objectivePpm: 999_000,
          window: { kind: "rolling", days: 1 },
          coverageMinPpm: 0,
        });
        const question = {
          project,
          definition,
          prefixId: 1,
          window,
          excluded: [],
          keep: undefined,
        };
        const found = await querySloSpenders(test.database, question);
        // Those that spent as much as each other stand in any order.
        return found.spenders.map(({ kind, name, bad }) => `${kind} ${name} ${bad}`).toSorted();
      }),
    );
  }

  /** How many exchanges of before the border would be counted for the prefix. */
  async function filled(): Promise<number> {
    const [stored] = await loadModulePrefixes(test.database, project);
    if (stored === undefined) throw new Error("The prefix is gone.");
    const client = await test.database.pool.connect();
    try {
      await client.query("BEGIN");
      await holdOneView(client);
      const blocksBelow = firstBlockIdAt(borderMs);
      return await fillModules(client, { project, prefix: stored, window, blocksBelow, step: 60 });
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  }

  it("is told of before it is merged", () => {
    expect(before.blocks).toHaveLength(blockIds.length);
    expect(blockIds.length).toBeGreaterThan(requests * 1.5);
    expect(before.lists.every((list) => list.length > 10)).toBe(true);
    expect(before.exchanges).not.toContain(null);
    expect(before.traces.filter((trace) => trace === null)).toEqual([]);
    expect(before.known.size).toBe(blockIds.length);
    expect(before.filled).toBeGreaterThan(20);
    expect(before.spenders.every((one) => one.length > 0)).toBe(true);
  });

  it("stays as it was when merging is cut short between taking and writing", async () => {
    const { pool } = test.database;
    await pool.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'cut short'; END $$`);
    await pool.query(
      "CREATE TRIGGER fail BEFORE INSERT ON segment FOR EACH ROW EXECUTE FUNCTION fail()",
    );
    const counted = await countOf(test);
    expect(await mergeSmallBlocks(test.database, createMetrics(), nowMs)).toEqual({
      // Those of the lines that were not understood, which have no segments.
      members: requests / 2,
      blocks: 1,
      aside: blockIds.length,
    });
    await pool.query("DROP TRIGGER fail ON segment");
    expect(await countOf(test)).toEqual(counted);
    expect(counted.merged).toBe(0);
  });

  it("is not tried again for a quarter of an hour, as others are due", async () => {
    expect(await mergedMembers(test, nowMs + 14 * minuteMs)).toBe(0);
    expect(await querySetAside(test.database, project)).toEqual({
      blocks: blockIds.length,
      reason: "cut short",
    });
  });

  it("is merged once by two workers at a time, and gives the same answers in less room", async () => {
    const counted = await countOf(test);
    const againMs = nowMs + 16 * minuteMs;
    const both = await Promise.all([mergedMembers(test, againMs), mergedMembers(test, againMs)]);
    expect(both.filter((members) => members !== undefined)).toContain(blockIds.length);
    expect(both.reduce((sum = 0, members = 0) => sum + members, 0)).toBe(blockIds.length);
    const after = await countOf(test);
    // Spans and the lines of two proxies, before and after the border; segments by the hour in which records began.
    expect([after.blocks, after.merged]).toEqual([6, 6]);
    expect(after.segments).toBeLessThanOrEqual(9);
    expect(after.bytes).toBeLessThan(counted.bytes / 3);
    const now = await answers();
    for (const [place, list] of now.lists.entries()) expect(list).toEqual(before.lists[place]);
    expect(now).toEqual(before);
  });

  it("leaves nothing to merge or set aside, and no block has parts from both sides of the border", async () => {
    expect(await mergedMembers(test)).toBe(0);
    expect(await querySetAside(test.database, project)).toEqual({ blocks: 0, reason: null });
    const { rows } = await test.database.pool.query(
      "SELECT FROM block WHERE id < $1 AND last_id >= $1",
      [firstBlockIdAt(borderMs)],
    );
    expect(rows).toEqual([]);
  });

  it("is found by its traces when their index is merged, too", async () => {
    await mergeTraceIndex(test.database, nowMs);
    expect((await answers()).traces).toEqual(before.traces);
  });

  it("is gone with its day", async () => {
    const days = { traces: 3, accessLogs: 3, logs: 3, metrics: 3, operations: 3 };
    const rollups = { rollup10s: 3, rollup1m: 3, rollup1h: 395, rollup1d: 1_830 };
    await retain(test.database, nowMs + 5 * dayMs, { ...days, ...rollups });
    expect(await queryBlocks(test.database, project, blockIds)).toEqual([]);
    expect(await countOf(test)).toMatchObject({ blocks: 0, segments: 0 });
  });
});

describe("small blocks", () => {
  let test: TestDatabase;
  const ids = new BlockIds(1);

  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  /** Stores blocks of one record each, and gives their ids. */
  async function store(count: number, fromMs: number, everyMs: number): Promise<number[]> {
    const rows = new BatchRows();
    const made: number[] = [];
    for (let place = 0; place < count; place += 1) {
      const atMs = fromMs + place * everyMs;
      const id = ids.next(atMs);
      made.push(id);
      const payload = await promisify(zstdCompress)(Buffer.from(`payload ${id}`));
      const rawBytes = `payload ${id}`.length;
      const of = { id, project, receivedMs: atMs, records: 1, rawBytes, payload };
      rows.addBlock({ ...of, signal: "traces", stream: null });
      const request = new RecordRows(1);
      addExchange(request, 0, exchangeAt(atMs * 1_000));
      const numbers = { source: "spans", proxyId: 1, moduleId: 0 } as const;
      rows.addExchange({ project, blockId: id, position: 0 }, numbers, request.columns, 0);
    }
    const days = [fromMs, fromMs + count * everyMs];
    await ensurePartitions(test.database, "block_traces", days);
    await ensurePartitions(test.database, "segment_traces", days);
    const packed = await rows.packed();
    await inTransaction(test.database, (client) => append(client, (to) => packed.addTo(to)));
    return made;
  }

  it("are each read once while they are merged", async () => {
    // More than a reader takes at once.
    const made = await store(1_500, hourStartMs - hourMs, 2_000);
    const all = { project, ...window, fromMs: hourStartMs - 2 * hourMs };
    const read = storedExchanges(test.database.pool, all);
    const { value: newest } = await read.next();
    expect(await mergedMembers(test)).toBe(made.length);
    const starts = [...(newest?.records.startUs ?? [])];
    for await (const { records } of read) starts.push(...records.startUs);
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts).toHaveLength(made.length);
    const [first = 0] = made;
    expect(await homesOf(test.database.pool, project, made)).toEqual(
      new Map(made.map((id) => [id, first])),
    );
    expect(await homesOf(test.database.pool, 2, made)).toEqual(new Map());
  });

  it("are not merged twice, whoever tries", async () => {
    await store(20, hourStartMs, 1_000);
    const enough = { rawBytes: 1e6, records: 1_000 };
    const made = { fromMs: hourStartMs, toMs: nowMs };
    const question = { ...made, nowMs, enough, limit: 1 };
    const [group] = await smallRecordBlocks(test.database, question);
    if (group === undefined) throw new Error("No group is due.");
    expect(group.blocks).toHaveLength(20);
    const tried = await Promise.allSettled([
      mergeRecordBlocks(test.database, group),
      mergeRecordBlocks(test.database, group),
    ]);
    expect(tried.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const { rows } = await test.database.pool.query("SELECT FROM block WHERE id = $1", [
      group.blocks[0]?.id,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("that cannot be read do not keep the others from being merged", async () => {
    const made = await store(100, hourStartMs - 4 * hourMs, 1_000);
    const { pool } = test.database;
    const broken = made.slice(40, 42);
    await pool.query("UPDATE block SET payload = '\\x00' WHERE id = ANY ($1)", [broken]);
    const metrics = createMetrics();
    const at = (minutes: number) =>
      mergeSmallBlocks(test.database, metrics, nowMs + minutes * minuteMs);
    expect(await at(0)).toEqual({ members: 0, blocks: 0, aside: 1 });
    expect(await at(1)).toEqual({ members: 0, blocks: 0, aside: 1 });
    expect(await at(2)).toEqual({ members: 98, blocks: 1, aside: 0 });
    expect(await querySetAside(test.database, project)).toMatchObject({ blocks: 2 });
    const homes = await homesOf(pool, project, made);
    expect(broken.map((id) => homes.get(id))).toEqual(broken);
    expect(homes.size).toBe(100);
    // The two are tried six hours later, and wait again, each for itself.
    expect(await at(5 * 60)).toEqual({ members: 0, blocks: 0, aside: 0 });
    expect(await at(7 * 60)).toEqual({ members: 0, blocks: 0, aside: 1 });
    expect(metrics.text()).toContain("viascope_blocks_set_aside_total 3");
  });

  it("of an hour that goes on, or of the last ten minutes, wait for more", async () => {
    const running = await store(30, Math.floor(nowMs / hourMs) * hourMs, 1_000);
    expect(await mergedMembers(test)).toBe(0);
    expect(await homesOf(test.database.pool, project, running)).toEqual(
      new Map(running.map((id) => [id, id])),
    );
    // Nine minutes after the hour they may still be asked for; two minutes later the hour is merged.
    const nextMs = (Math.floor(nowMs / hourMs) + 1) * hourMs;
    const at = async (ms: number) =>
      (await mergeSmallBlocks(test.database, createMetrics(), ms))?.members;
    expect(await at(nextMs + 9 * minuteMs)).toBe(0);
    expect(await at(nextMs + 11 * minuteMs)).toBe(30);
  });
});

function exchangeAt(startUs: number) {
  return {
    proxy: "edge",
    instance: null,
    source: "spans",
    startUs,
    durationUs: 10,
    method: null,
    path: null,
    status: 200,
    errorType: null,
    cache: null,
    bytes: null,
    module: null,
    clientTlsReason: null,
    attempts: [],
    traceHash: null,
  } as const;
}
