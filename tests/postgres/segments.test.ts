import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Attempt, Exchange } from "#lib/core/exchange.ts";
import { attemptFailed, isError } from "#lib/core/outcome.ts";
import { RecordRows } from "#lib/core/record-rows.ts";
import { segmentRecordsMax } from "#lib/core/segment.ts";
import { append } from "#lib/db/appends.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import {
  storedAttempts,
  storedExchanges,
  type SegmentQuery,
  type StoredRecords,
} from "#lib/db/segments.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { addExchange } from "#lib/normalize/record-rows.ts";
import { queryPlaces } from "#lib/query/places.ts";
import { Accumulator } from "#lib/rollup/accumulate.ts";
import { appendOpen } from "#lib/rollup/append-open.ts";
import { FactsAt } from "#lib/run/ingest/facts-at.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import { Names } from "#lib/store/names.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { Random } from "../../bench/load/random.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A midnight, so that records lie in two partitions. */
const middleMs = Math.floor(Date.now() / dayMs) * dayMs;
const window = { fromMs: middleMs - 2 * hourMs, toMs: middleMs + 2 * hourMs };
const blocks = 40;
const recordsPerBlock = 300;

/** A record as it was written. */
interface Written {
  readonly blockId: number;
  readonly position: number;
  readonly proxyId: number;
  readonly exchange: Exchange;
  readonly upstreamId: number;
  readonly attempt: Attempt;
}

const random = new Random(11);
const written: Written[] = [];
let test: TestDatabase;
let proxyIds: number[];
let upstreamIds: number[];

beforeAll(async () => {
  test = await testDatabase();
  const { database } = test;
  const names = new Names(database, () => undefined);
  proxyIds = [...(await names.resolve(project, "proxy", ["front", "back", "rare"])).values()];
  upstreamIds = [...(await names.resolve(project, "upstream", ["origin", "mirror"])).values()];
  for (const table of ["segment_traces", "segment_access_logs"] as const) {
    await ensurePartitions(database, table, [middleMs - dayMs, middleMs]);
  }
  for (let block = 1; block <= blocks; block += 1) {
    const length = block === blocks ? segmentRecordsMax + 5 : recordsPerBlock;
    await store(Array.from({ length }, (_, position) => recordOf(block, position)));
  }
});
afterAll(() => test.drop());

function below(limit: number): number {
  return Math.floor(random.unit() * limit);
}

function pick(values: readonly number[]): number {
  return values[below(values.length)] ?? 0;
}

/** Most blocks tell of some minutes, some of the whole window. */
function recordOf(blockId: number, position: number): Written {
  const spreadMs = blockId % 7 === 0 ? 4 * hourMs : 10 * 60_000;
  const offsetMs = (blockId / blocks) * (4 * hourMs - spreadMs) + below(spreadMs);
  // Whole seconds: many begin at once.
  const startUs = (window.fromMs + Math.floor(offsetMs / 1_000) * 1_000) * 1_000;
  const status = pick([200, 200, 200, 404, 503]);
  const durationUs = random.latency(20_000, 1);
  const traced = below(4) > 0;
  const attempt: Attempt = {
    upstream: "",
    endpoint: null,
    startUs: startUs + 40,
    durationUs,
    status,
    errorType: null,
    tlsReason: null,
    canceled: false,
  };
  const exchange: Exchange = {
    proxy: "",
    instance: null,
    source: "spans",
    startUs,
    durationUs,
    method: null,
    path: null,
    status,
    errorType: null,
    cache: null,
    bytes: null,
    module: null,
    clientTlsReason: null,
    attempts: [attempt],
    traceHash: traced ? { high: random.uint32(), low: random.uint32() } : null,
  };
  const proxyId = blockId === 3 ? (proxyIds[2] ?? 0) : (proxyIds[below(2)] ?? 0);
  const upstreamId = upstreamIds[blockId % 2] ?? 0;
  return { blockId, position, proxyId, exchange, upstreamId, attempt };
}

async function store(records: readonly Written[]): Promise<void> {
  const rows = new BatchRows();
  const sums = new Accumulator();
  for (const { blockId, position, proxyId, exchange, upstreamId } of records) {
    const place = { project, blockId, position };
    const request = new RecordRows(2);
    addExchange(request, position, exchange);
    const { columns } = request;
    const facts = new FactsAt(columns);
    const ids = { source: "spans", proxyId, upstreamId, moduleId: 0, endpointId: 0 } as const;
    rows.addExchange(place, ids, columns, 0);
    rows.addAttempt(place, ids, columns, 1);
    sums.addExchange(project, "spans", proxyId, facts.of(0));
    sums.addAttempt(project, "spans", proxyId, upstreamId, facts.of(1));
  }
  const packed = await rows.packed();
  const open = sums.rows().map(({ sums: sum }) => ({ ...sum, project }));
  await inTransaction(test.database, async (client) => {
    await append(client, (to) => packed.addTo(to));
    await appendOpen(client, 10, open);
  });
  written.push(...records);
}

function* recordsOf({ blockId, records }: StoredRecords<"position">): Generator<string> {
  for (let at = 0; at < records.length; at += 1) {
    yield `${blockId} ${records.column("position")[at]} ${records.startUs[at]}`;
  }
}

function idOf({ blockId, position }: Written, startUs: number): string {
  return `${blockId} ${position} ${startUs}`;
}

async function allOf(segments: AsyncIterable<StoredRecords<"position">>): Promise<string[]> {
  const found: string[] = [];
  for await (const segment of segments) found.push(...recordsOf(segment));
  return found;
}

function query(change: Partial<SegmentQuery> = {}): SegmentQuery {
  return { project, ...window, ...change };
}

const inOrder = (ids: readonly string[]): string[] => ids.toSorted();

describe("segments", () => {
  it("give back every exchange and attempt once, over days, hours and pages", async () => {
    const { pool } = test.database;
    expect(inOrder(await allOf(storedExchanges(pool, query())))).toEqual(
      inOrder(written.map((one) => idOf(one, one.exchange.startUs))),
    );
    expect(inOrder(await allOf(storedAttempts(pool, query())))).toEqual(
      inOrder(written.map((one) => idOf(one, one.attempt.startUs))),
    );
  });

  it("are no longer than an hour, and hold no more than fits", async () => {
    const answer = await test.database.pool.query<{ seconds: number; exchanges: number }>(
      `SELECT max(extract(epoch FROM last_at - first_at))::float8 AS seconds, max(greatest(exchanges, attempts)) AS exchanges
         FROM segment`,
    );
    expect(answer.rows[0]?.seconds).toBeLessThan(3_600);
    expect(answer.rows[0]?.exchanges).toBeLessThanOrEqual(segmentRecordsMax);
  });

  it("come with those first that end last, so that a reader may stop", async () => {
    const ends: number[] = [];
    for await (const { lastUs, records } of storedExchanges(test.database.pool, query())) {
      expect(Math.max(...records.startUs)).toBeLessThanOrEqual(lastUs);
      ends.push(lastUs);
    }
    expect(ends.length).toBeGreaterThan(blocks);
    expect(ends).toEqual(ends.toSorted((a, b) => b - a));
  });

  it("of any window have all that began in it", async () => {
    for (let round = 0; round < 25; round += 1) {
      const fromMs = window.fromMs + below(4 * hourMs);
      const toMs = fromMs + 1 + below(pick([10_000, hourMs, 3 * hourMs]));
      const found = new Set(
        await allOf(storedExchanges(test.database.pool, query({ fromMs, toMs }))),
      );
      const missing = written
        .filter(({ exchange: { startUs } }) => startUs >= fromMs * 1_000 && startUs < toMs * 1_000)
        .filter((one) => !found.has(idOf(one, one.exchange.startUs)));
      expect(missing).toEqual([]);
    }
  });

  it("that cannot match are not read, and those that can are", async () => {
    const { pool } = test.database;
    const [rare = 0] = proxyIds.slice(2);
    const ofRare = await allOf(storedExchanges(pool, query({ proxyIds: [rare] })));
    expect(inOrder(ofRare)).toEqual(
      inOrder(
        written.filter((one) => one.proxyId === rare).map((one) => idOf(one, one.exchange.startUs)),
      ),
    );
    const [origin = 0] = upstreamIds;
    const atOrigin = await allOf(storedAttempts(pool, query({ upstreamIds: [origin] })));
    expect(atOrigin).toHaveLength(written.filter((one) => one.upstreamId === origin).length);
    const failed = new Set(await allOf(storedAttempts(pool, query({ failures: "some" }))));
    const missing = written.filter(
      (one) => attemptFailed(one.attempt) && !failed.has(idOf(one, one.attempt.startUs)),
    );
    expect(missing).toEqual([]);
    const early = await allOf(storedExchanges(pool, query({ blocksBelow: 10 })));
    expect(early).toHaveLength(9 * recordsPerBlock);
  });
});

const newestFirst = (a: Written, b: Written): number =>
  b.exchange.startUs - a.exchange.startUs || b.blockId - a.blockId || b.position - a.position;
const slowestFirst = (a: Written, b: Written): number =>
  (b.exchange.durationUs ?? 0) - (a.exchange.durationUs ?? 0) || newestFirst(a, b);
const placesOf = (records: readonly Written[]): string[] =>
  records.map(({ blockId, position }) => `${blockId} ${position}`);

async function placesFound(
  order: "newest" | "worst",
  limit: number,
  { upstream, status }: { readonly upstream?: string; readonly status?: number } = {},
): Promise<string[]> {
  const scope = { project, window, ...(upstream !== undefined && { upstream }) };
  const filter = status === undefined ? {} : { status };
  const options = { order, limit, filter };
  const places = await queryPlaces(test.database, scope, options, new LeftOut());
  return places.map(({ blockId, position }) => `${blockId} ${position}`);
}

describe("the places of exchanges", () => {
  it("are the newest, and of those that began at once the ones stored last", async () => {
    const expected = written.toSorted(newestFirst);
    for (const limit of [1, 7, 200]) {
      expect(await placesFound("newest", limit)).toEqual(placesOf(expected.slice(0, limit)));
    }
  });

  it("are the worst: the newest failures, and then the slowest", async () => {
    const failures = written.filter(({ exchange }) => isError(exchange)).toSorted(newestFirst);
    expect(await placesFound("worst", 30)).toEqual(placesOf(failures.slice(0, 30)));
    const slow = written.filter(({ exchange }) => exchange.status === 404).toSorted(slowestFirst);
    expect(await placesFound("worst", 30, { status: 404 })).toEqual(placesOf(slow.slice(0, 30)));
  });

  it("are those of attempts with an upstream, and none of an upstream that nobody knows", async () => {
    const [, mirror] = upstreamIds;
    const expected = written
      .filter((one) => one.upstreamId === mirror && one.attempt.status === 503)
      .toSorted(newestFirst);
    expect(await placesFound("newest", 50, { upstream: "mirror", status: 503 })).toEqual(
      placesOf(expected.slice(0, 50)),
    );
    expect(await placesFound("newest", 50, { upstream: "unknown" })).toEqual([]);
  });

  it("name the trace of each", async () => {
    const places = await queryPlaces(
      test.database,
      { project, window },
      { order: "newest", limit: 50, filter: {} },
      new LeftOut(),
    );
    const hashes = new Map(
      written.map(({ blockId, position, exchange: { traceHash } }) => [
        `${blockId} ${position}`,
        traceHash === null
          ? "0"
          : `${BigInt.asIntN(64, (BigInt(traceHash.high) << 32n) | BigInt(traceHash.low))}`,
      ]),
    );
    expect(places.map(({ traceHash }) => traceHash)).toEqual(
      places.map(({ blockId, position }) => hashes.get(`${blockId} ${position}`)),
    );
    expect(places.some(({ traceHash }) => traceHash === "0")).toBe(true);
  });
});
