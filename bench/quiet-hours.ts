import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { keepMsDefault } from "#lib/core/keep.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { mergeSmallBlocks } from "#lib/run/merge-blocks.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { otlpRequests } from "./load/otlp.ts";
import { Random } from "./load/random.ts";
import { cpuSeconds } from "./run/process-cost.ts";
import { bytesByTable } from "./run/stored.ts";

/**
 * What a span takes on disk of a proxy that sends one request of six spans a second.
 *   node bench/quiet-hours.ts --hours 24 [--unmerged]
 * Time is simulated: the hours are of yesterday, and the worker's chores run once for each of their minutes, VACUUM every ten.
 */
const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "24" },
    "every-ms": { type: "string", default: "1000" },
    unmerged: { type: "boolean", default: false },
  },
});
const project = 1;
const spans = 6;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const everyMs = Number(values["every-ms"]);
const hours = Number(values.hours);
const spansSent = ((hours * hourMs) / everyMs) * spans;
const dayStartMs = (Math.floor(Date.now() / dayMs) - 1) * dayMs;

const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
try {
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 4, applicationName: "bench" });
  await run(db);
  await db.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function run(db: Database): Promise<void> {
  const metrics = createMetrics();
  let nowMs = dayStartMs;
  const ingest = await openIngest(db, { project, metrics, nowMs: () => nowMs });
  const bodies = otlpRequests("chain", spans, new Random(5))();
  const cost = { node: 0, postgres: 0 };
  const mergeNow = async (): Promise<void> => {
    if (values.unmerged) return;
    const [node, ofPostgres] = [process.cpuUsage(), cpuSeconds([postgres.processId])];
    await mergeSmallBlocks(db, metrics, nowMs);
    const spent = process.cpuUsage(node);
    cost.node += (spent.user + spent.system) / 1e6;
    cost.postgres += cpuSeconds([postgres.processId]) - ofPostgres;
  };
  for (; nowMs < dayStartMs + hours * hourMs; nowMs += everyMs) {
    const body = Buffer.from(bodies.next(nowMs));
    const answer = await ingest.intake.traces(body, "protobuf", {
      wireBytes: body.length,
      receivedAtMs: nowMs,
      digest: createHash("sha1").update(body).digest("hex"),
      delivered: Promise.resolve(true),
    });
    if (answer.kind !== "accepted") throw new Error("A request was refused.");
    if ((nowMs + everyMs) % minuteMs >= everyMs) continue;
    await closeBuckets(db, nowMs, keepMsDefault);
    await mergeTraceIndex(db, nowMs);
    await mergeNow();
    // As autovacuum does.
    if ((nowMs + everyMs) % (10 * minuteMs) < everyMs) await vacuum(db);
  }
  // The last hour is merged when it is over.
  nowMs += hourMs + 11 * minuteMs;
  await mergeNow();
  await closeBuckets(db, nowMs, keepMsDefault);
  await mergeTraceIndex(db, dayStartMs + dayMs + 11 * minuteMs);
  tell("before the last VACUUM", await bytesByTable(db));
  await vacuum(db);
  tell("after it", await bytesByTable(db));
  line("CPU us per span of merging, Node", (cost.node * 1e6) / spansSent);
  line("CPU us per span of merging, Postgres", (cost.postgres * 1e6) / spansSent);
  const kept = await db.pool.query<Record<string, number>>(
    `SELECT count(*)::float8 AS blocks, sum(records)::float8 / $1 AS records, sum(raw_bytes)::float8 / $1 AS "raw bytes",
            sum(octet_length(payload))::float8 / $1 AS "bytes of payload", coalesce(sum(octet_length(members)), 0)::float8 / $1 AS "bytes of members"
       FROM block`,
    [spansSent],
  );
  for (const [name, value] of Object.entries(kept.rows[0] ?? {})) line(`stored ${name}`, value);
}

async function vacuum(db: Database): Promise<void> {
  await db.pool.query(
    "VACUUM block, segment, trace_batch, trace_run, trace_run_page, rollup_open, waiting_attempt",
  );
}

function tell(title: string, bytes: ReadonlyMap<string, number>): void {
  process.stdout.write(`${title}, bytes per span:\n`);
  const groups = Map.groupBy(bytes, ([name]) => groupOf(name));
  for (const [group, members] of groups) {
    const sum = members.reduce((total, [, one]) => total + one, 0);
    if (sum !== 0) line(`  ${group}`, sum / spansSent);
  }
}

/** Partitions of a signal have its table as their parent. */
function groupOf(name: string): string {
  if (name.startsWith("block")) return "blocks";
  if (name.startsWith("segment")) return "segments";
  if (name.startsWith("trace_")) return "index of traces";
  return name.startsWith("rollup_") ? "sums" : "other tables (mostly of one size)";
}

function line(what: string, value: number): void {
  process.stdout.write(`${what}: ${value >= 100 ? value.toFixed(0) : value.toFixed(2)}\n`);
}
