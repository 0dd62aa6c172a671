import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { steps } from "#lib/core/bucket.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { SketchSum } from "#lib/core/sketch.ts";
import { zeroCounts } from "#lib/core/sums.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { ensurePartitions } from "#lib/db/partitions.ts";
import { rollupTables, type RollupRow } from "#lib/db/rollup-row.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { appendRollup } from "#lib/rollup/append-open.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { readSlo, readSlos } from "#lib/run/read-slos.ts";
import { Names } from "#lib/store/names.ts";
import { upsertRule } from "#lib/store/rules.ts";

import { Random } from "./load/random.ts";

/**
 * Work of one evaluation of 500 rules beside the ready-made ones over 50 upstreams of 10 proxies:
 *   node bench/rules.ts
 * The rollups are as full as heavy-tailed traffic makes them; the target is less than a second of work every 10 s.
 */
const project = 1;
const nowMs = Math.floor(Date.now() / 1000) * 1000;
const rounds = 20;
const keptMs = { 10: 3_600_000, 60: 8 * 3_600_000, 3600: 31 * 86_400_000, 86400: 31 * 86_400_000 };
const windows = ["1m", "5m", "15m", "1h"];
const conditions = [
  "error_rate_WINDOW > 0.9",
  "p95_latency_WINDOW > 90s and error_rate_WINDOW > 0.5%",
  "status_429_rate_WINDOW > 50% or status_403_WINDOW > 1000000",
  "fallback_rate_WINDOW > 3 * fallback_rate_6h and fallbacks_WINDOW >= 1000000",
  "not (request_rate_WINDOW < 1000000)",
];
const log = (text: string): void => void process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
try {
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 4, applicationName: "bench" });
  await fill(db);
  await addRules(db);
  await measure(db);
  await measureObjectives(db);
  await db.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function measure(db: Database): Promise<void> {
  const evaluation = new RuleEvaluation(db, { project });
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const cpu = process.cpuUsage();
    const postgresBefore = await postgresMs(db);
    const result = await evaluation.evaluate(nowMs + round * 10_000);
    if (result === null) throw new Error("somebody else evaluates");
    const inPostgres = (await postgresMs(db)) - postgresBefore;
    const { user, system } = process.cpuUsage(cpu);
    const inNode = (user + system) / 1000;
    took.push(inNode + inPostgres);
    log(
      `${result.rules} rules, ${result.instances} instances: ${result.tookMs.toFixed(0)} ms, work ${inNode.toFixed(0)} ms in Node and ${inPostgres} ms in Postgres`,
    );
  }
  const sorted = took.toSorted((a, b) => a - b);
  log(`work: median ${sorted[rounds >> 1]?.toFixed(0)} ms, most ${sorted.at(-1)?.toFixed(0)} ms`);
}

/** The list of objectives and the page of one, over 30 days of hours. */
async function measureObjectives(db: Database): Promise<void> {
  const asked = { project, nowMs, keep: keepMsDefault };
  const questions = {
    "list of objectives": () => readSlos(db, asked),
    "one objective": () => readSlo(db, asked, "availability"),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const begun = performance.now();
    for (let round = 0; round < 5; round += 1) await ask();
    log(`${name}: ${((performance.now() - begun) / 5).toFixed(0)} ms`);
  }
}

/** Processor time of our Postgres backends, in milliseconds: clock ticks of 10 ms, as Linux counts them. */
async function postgresMs(db: Database): Promise<number> {
  const { rows } = await db.pool.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'bench'",
  );
  const stats = await Promise.all(rows.map(({ pid }) => readFile(`/proc/${pid}/stat`, "utf8")));
  const ticks = stats.flatMap((stat) => stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14));
  return ticks.reduce((sum, text) => sum + Number(text) * 10, 0);
}

async function addRules(db: Database): Promise<void> {
  for (let place = 0; place < 500; place += 1) {
    const condition = conditions[place % conditions.length] ?? "";
    const window = windows[Math.floor(place / conditions.length) % windows.length] ?? "";
    const when = condition.replaceAll("WINDOW", window);
    const definition = { name: `Rule ${place}`, per: "upstream", severity: "ticket", when };
    const key = `bench-${place}`;
    await upsertRule(db, project, { key, origin: "own", file: null, enabled: true, definition });
  }
}

async function fill(db: Database): Promise<void> {
  const names = new Names(db, () => undefined);
  const proxies = await ids(names, "proxy", 10);
  const upstreams = await ids(names, "upstream", 50);
  const random = new Random(7);
  for (const step of steps) {
    const widthMs = step * 1000;
    const rows: RollupRow[] = [];
    const toMs = Math.floor(nowMs / widthMs) * widthMs;
    for (let atMs = toMs - keptMs[step]; atMs < toMs; atMs += widthMs) {
      rows.push(...bucketRows(atMs, proxies, upstreams, random));
    }
    await ensurePartitions(db, rollupTables[step], new Set(rows.map((row) => row.bucketMs)));
    await inTransaction(db, (client) => appendRollup(client, rollupTables[step], step, rows));
    await db.pool.query(`ANALYZE ${rollupTables[step]}`);
    log(`${rollupTables[step]}: ${rows.length} rows`);
  }
}

function bucketRows(
  bucketMs: number,
  proxies: readonly number[],
  upstreams: readonly number[],
  random: Random,
): RollupRow[] {
  const common = { project, bucketMs, source: "spans", peerId: 0 } as const;
  const attempts = upstreams.map((upstreamId, at): RollupRow => {
    const proxyId = proxies[at % proxies.length] ?? 0;
    const sums = sumsOf(bucketMs, random);
    return { ...common, ...sums, subject: "attempt", proxyId, upstreamId, detail: "" };
  });
  const exchanges = proxies.flatMap((proxyId) =>
    ["list", "info", "mod", "zip"].map((detail): RollupRow => {
      const sums = sumsOf(bucketMs, random);
      return { ...common, ...sums, subject: "exchange", proxyId, upstreamId: 0, detail };
    }),
  );
  return [...attempts, ...exchanges];
}

/** As many distinct latencies as heavy-tailed traffic shows: about 120 cells. */
function sumsOf(bucketMs: number, random: Random) {
  const latency = new SketchSum();
  for (let at = 0; at < 300; at += 1) latency.add(random.latency(18_000, 1.1));
  const counts = { ...zeroCounts(), requests: 300, errors: 3, bytes: 9_000_000 };
  const statuses = new Map([
    [200, 290],
    [404, 7],
    [503, 3],
  ]);
  return { counts, statuses, latency: latency.toSketch(), lastMs: bucketMs + 9_000 };
}

async function ids(names: Names, kind: "proxy" | "upstream", count: number): Promise<number[]> {
  const wanted = Array.from({ length: count }, (_, at) => `${kind}-${at}.example.com`);
  return [...(await names.resolve(project, kind, wanted)).values()];
}
