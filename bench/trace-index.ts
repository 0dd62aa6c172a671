import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { TraceEntries } from "#lib/core/trace-entries.ts";
import { append } from "#lib/db/appends.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { queryTraceHits } from "#lib/query/trace-blocks.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { BatchRows } from "#lib/store/batch-rows.ts";
import { BlockIds } from "#lib/store/block-id.ts";
import { dayLevel } from "#lib/store/trace-runs.ts";

import { Random } from "./load/random.ts";
import { cpuSeconds } from "./run/process-cost.ts";
import { bytesByTable } from "./run/stored.ts";

/**
 * What it costs to find a trace: bytes per trace and block, CPU of merging, and the time of a lookup.
 *   node bench/trace-index.ts --traces 2000000 --days 7 --block 2000
 * Blocks are spread over their days as a steady load would; the last hundred are not merged.
 */
const { values } = parseArgs({
  options: {
    traces: { type: "string", default: "2000000" },
    days: { type: "string", default: "7" },
    block: { type: "string", default: "2000" },
    lookups: { type: "string", default: "500" },
  },
});
const project = 1;
const dayMs = 86_400_000;
const days = Number(values.days);
const perBlock = Number(values.block);
const blocks = Math.round(Number(values.traces) / perBlock);
const unmergedBlocks = 100;
const endMs = Date.now();
const beginMs = Math.floor(endMs / dayMs) * dayMs - (days - 1) * dayMs;

interface TraceId {
  readonly high: number;
  readonly low: number;
}

const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
try {
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 4, applicationName: "bench" });
  const known = await fill(db);
  tell("entries", blocks * perBlock);
  // As autovacuum does within a minute or two.
  await db.pool.query("VACUUM trace_batch, trace_run, trace_run_page, trace_day_page");
  await tellSizes(db);
  await time("lookup of one trace", known.length, (place) =>
    lookUp(db, known.slice(place, place + 1)),
  );
  await time("lookup of 100 traces", 20, (place) =>
    lookUp(db, known.slice(place * 10, place * 10 + 100)),
  );
  await time("lookup of no trace", 100, async (place) => {
    await queryTraceHits(db, { project, hashes: [String(place)] });
  });
  await db.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Gives ids of traces that were stored, taken evenly from all of them. */
async function fill(db: Database): Promise<TraceId[]> {
  const random = new Random(3);
  const ids = new BlockIds(3);
  const known: TraceId[] = [];
  let commitSeconds = 0;
  let mergeSeconds = 0;
  let mergePostgresSeconds = 0;
  let written = 0;
  for (let place = 0; place < blocks; place += 1) {
    const receivedMs = Math.floor(beginMs + ((endMs - beginMs) * place) / blocks);
    await ensurePartitions(db, "trace_batch", [receivedMs]);
    const traces = new TraceEntries();
    for (let trace = 0; trace < perBlock; trace += 1) {
      const id = { high: random.uint32(), low: random.uint32() };
      traces.add(id.high, id.low, random.unit() < 0.7);
      if (random.unit() < Number(values.lookups) / (blocks * perBlock)) known.push(id);
    }
    const rows = new BatchRows();
    const before = performance.now();
    rows.addTraces({ id: ids.next(receivedMs), project, receivedMs }, traces);
    const packed = await rows.packed();
    await inTransaction(db, (client) => append(client, (to) => packed.addTo(to)));
    commitSeconds += (performance.now() - before) / 1000;
    if (place % 64 !== 0 || blocks - place < unmergedBlocks) continue;
    const postgresCpu = cpuSeconds([postgres.processId]);
    const cpu = process.cpuUsage();
    written += (await mergeTraceIndex(db, receivedMs))?.entries ?? 0;
    const spent = process.cpuUsage(cpu);
    mergeSeconds += (spent.user + spent.system) / 1e6;
    mergePostgresSeconds += cpuSeconds([postgres.processId]) - postgresCpu;
  }
  tell("times an entry was written", written / (blocks * perBlock));
  tell("packing and commit us per entry", (commitSeconds * 1e6) / (blocks * perBlock));
  tell("merge CPU us per entry, Node", (mergeSeconds * 1e6) / (blocks * perBlock));
  tell("merge CPU us per entry, Postgres", (mergePostgresSeconds * 1e6) / (blocks * perBlock));
  return known;
}

async function tellSizes(db: Database): Promise<void> {
  const sizes = await bytesByTable(db);
  for (const [name, bytes] of sizes) {
    if (name.startsWith("trace_")) tell(`${name} bytes per entry`, bytes / (blocks * perBlock));
  }
  const kept = await db.pool.query<{ level: number; runs: string; entries: string }>(
    "SELECT level, count(*) AS runs, sum(entries) AS entries FROM trace_run GROUP BY level ORDER BY level",
  );
  for (const { level, runs, entries } of kept.rows) {
    tell(`level ${level}: runs`, Number(runs));
    tell(`level ${level}: entries`, Number(entries));
    if (level !== dayLevel) continue;
    tell(
      "bytes per entry of a day that is over",
      (sizes.get("trace_day_page") ?? 0) / Number(entries),
    );
  }
}

async function lookUp(db: Database, ids: readonly TraceId[]): Promise<void> {
  const hashes = ids.map(({ high, low }) =>
    BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString(),
  );
  const found = await queryTraceHits(db, { project, hashes });
  if (found.size !== hashes.length) throw new Error("A trace was not found.");
}

async function time(
  title: string,
  rounds: number,
  work: (place: number) => Promise<void>,
): Promise<void> {
  const times: number[] = [];
  const postgresBefore = cpuSeconds([postgres.processId]);
  const before = process.cpuUsage();
  for (let place = 0; place < rounds; place += 1) {
    const begun = performance.now();
    await work(place);
    times.push(performance.now() - begun);
  }
  const spent = process.cpuUsage(before);
  const postgresSeconds = cpuSeconds([postgres.processId]) - postgresBefore;
  const sorted = times.toSorted((a, b) => a - b);
  tell(`${title}, CPU ms, Node`, (spent.user + spent.system) / 1e3 / rounds);
  tell(`${title}, CPU ms, Postgres`, (postgresSeconds * 1e3) / rounds);
  tell(`${title}, ms p50`, sorted[Math.floor(rounds * 0.5)] ?? 0);
  tell(`${title}, ms p95`, sorted[Math.floor(rounds * 0.95)] ?? 0);
}

function tell(what: string, value: number): void {
  process.stdout.write(`${what}: ${value >= 100 ? value.toFixed(0) : value.toFixed(3)}\n`);
}
