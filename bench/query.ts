import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { segmentsOf } from "#lib/core/bucket.ts";
import { SketchSum } from "#lib/core/sketch.ts";
import { zeroCounts } from "#lib/core/sums.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { rollupTables, type RollupRow } from "#lib/db/rollup-row.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { querySeries } from "#lib/query/series.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { appendRollup } from "#lib/rollup/append-open.ts";
import { Names } from "#lib/store/names.ts";

import { Random } from "./load/random.ts";

/**
 * Times of the questions behind the overview over 30 days of 50 upstreams and 10 proxies.
 *   npm run bench:query
 * Fills just the buckets that the questions read, each as full as an hour of heavy-tailed traffic makes it.
 */
const project = 1;
const nowMs = Date.now();
const windows = {
  "1 h": 3_600_000,
  "24 h": 86_400_000,
  "30 d": 30 * 86_400_000,
} as const;
const repeats = 40;

const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
try {
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 8, applicationName: "bench" });
  await fill(db);
  for (const [name, spanMs] of Object.entries(windows)) {
    const scope = { project, window: { fromMs: nowMs - spanMs, toMs: nowMs } };
    await time(`proxies over ${name}`, () => queryProxies(db, scope));
    await time(`upstreams over ${name}`, () => queryUpstreams(db, scope));
    await time(`series P95 of 50 upstreams over ${name}`, () =>
      querySeries(db, scope, { metric: ["latencyMsP95"], groupBy: "upstream" }),
    );
  }
  await db.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function fill(db: Database): Promise<void> {
  const names = new Names(db, () => undefined);
  const proxies = await ids(names, "proxy", 10);
  const upstreams = await ids(names, "upstream", 50);
  const random = new Random(7);
  const rows = new Map<number, RollupRow[]>();
  const begunMs = nowMs - windows["30 d"];
  const from = {
    10: nowMs - 2 * 3_600_000,
    60: nowMs - 25 * 3_600_000,
    3600: begunMs,
    86400: begunMs,
  };
  for (const step of [10, 60, 3600, 86400] as const) {
    const made: RollupRow[] = [];
    for (const segment of segmentsOf({ fromMs: from[step], toMs: nowMs }, step, step)) {
      for (let atMs = segment.fromMs; atMs < segment.toMs; atMs += step * 1000) {
        made.push(...bucketRows(atMs, proxies, upstreams, random));
      }
    }
    rows.set(step, made);
    const table = rollupTables[step];
    await ensurePartitions(db, table, new Set(made.map((row) => row.bucketMs)));
    await inTransaction(db, (client) => appendRollup(client, table, step, made));
    await db.pool.query(`ANALYZE ${table}`);
    process.stdout.write(`${table}: ${made.length} rows\n`);
  }
}

function bucketRows(
  bucketMs: number,
  proxies: readonly number[],
  upstreams: readonly number[],
  random: Random,
): RollupRow[] {
  const common = { project, bucketMs, source: "spans", peerId: 0 } as const;
  return [
    ...proxies.flatMap((proxyId) =>
      ["list", "info", "mod", "zip"].map((detail): RollupRow => ({
        ...common,
        ...sums(bucketMs, random),
        subject: "exchange",
        proxyId,
        upstreamId: 0,
        detail,
      })),
    ),
    ...upstreams.map((upstreamId, at): RollupRow => ({
      ...common,
      ...sums(bucketMs, random),
      subject: "attempt",
      proxyId: proxies[at % proxies.length] ?? 0,
      upstreamId,
      detail: "",
    })),
  ];
}

/** As many distinct latencies as an hour of real traffic shows: about 120 cells. */
function sums(bucketMs: number, random: Random) {
  const latency = new SketchSum();
  for (let at = 0; at < 300; at += 1) latency.add(random.latency(18_000, 1.1));
  const counts = {
    ...zeroCounts(),
    requests: 300,
    errors: 3,
    bytes: 90_000,
    cacheHit: 200,
    cacheMiss: 80,
  };
  return {
    counts,
    statuses: new Map([
      [200, 290],
      [404, 7],
      [503, 3],
    ]),
    latency: latency.toSketch(),
    lastMs: bucketMs,
  };
}

async function ids(names: Names, kind: "proxy" | "upstream", count: number): Promise<number[]> {
  const wanted = Array.from({ length: count }, (_, at) => `${kind}-${at}`);
  return [...(await names.resolve(project, kind, wanted)).values()];
}

async function time(name: string, ask: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  for (let at = 0; at < repeats; at += 1) {
    const begun = performance.now();
    await ask();
    took.push(performance.now() - begun);
  }
  const sorted = took.slice(5).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  process.stdout.write(`${name.padEnd(42)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms\n`);
}
