import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { keepMsDefault } from "#lib/core/keep.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import type { IngestRequest } from "#lib/receive/intake.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { type Ingest, openIngest } from "#lib/run/ingest.ts";
import { mergeSmallBlocks } from "#lib/run/merge-blocks.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { otlpRequests } from "./load/otlp.ts";
import { Random } from "./load/random.ts";
import { cpuSeconds } from "./run/process-cost.ts";
import { bytesByTable } from "./run/stored.ts";

/**
 * What a span takes on disk of a proxy that sends one request of six spans a second; or a log line of one that sends one a second.
 *   node bench/quiet-hours.ts --hours 24 [--lines] [--unmerged]
 * Time is simulated: the hours are of yesterday, and the worker's chores run once for each of their minutes, VACUUM every ten.
 */
const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "24" },
    "every-ms": { type: "string", default: "1000" },
    lines: { type: "boolean", default: false },
    unmerged: { type: "boolean", default: false },
  },
});
const project = 1;
const spans = values.lines ? 1 : 6;
const unit = values.lines ? "line" : "span";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const everyMs = Number(values["every-ms"]);
const hours = Number(values.hours);
const recordsSent = ((hours * hourMs) / everyMs) * spans;
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
  const send = values.lines ? sendsLines(ingest) : sendsSpans(ingest);
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
    const answer = await send(nowMs);
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
  line(`CPU us per ${unit} of merging, Node`, (cost.node * 1e6) / recordsSent);
  line(`CPU us per ${unit} of merging, Postgres`, (cost.postgres * 1e6) / recordsSent);
  const table = values.lines ? "log_block" : "block";
  const kept = await db.pool.query<Record<string, number>>(
    `SELECT count(*)::float8 AS blocks, sum(records)::float8 / $1 AS records, sum(raw_bytes)::float8 / $1 AS "raw bytes",
            sum(octet_length(payload))::float8 / $1 AS "bytes of payload", coalesce(sum(octet_length(members)), 0)::float8 / $1 AS "bytes of members"
       FROM ${table}`,
    [recordsSent],
  );
  for (const [name, value] of Object.entries(kept.rows[0] ?? {})) line(`stored ${name}`, value);
}

type Send = (nowMs: number) => Promise<{ readonly kind: string }>;

function sendsSpans({ intake }: Ingest): Send {
  const bodies = otlpRequests("chain", spans, new Random(5))();
  return (nowMs) => {
    const body = Buffer.from(bodies.next(nowMs));
    return intake.traces(body, "protobuf", requestOf(body, nowMs));
  };
}

/** Warnings of an Envoy, which are no requests: 150 bytes each, of which a third is never the same. */
function sendsLines({ intake }: Ingest): Send {
  const random = new Random(5);
  const query = new URLSearchParams("format=envoy&proxy=edge");
  return (nowMs) => {
    const time = new Date(nowMs).toISOString().slice(0, 23).replace("T", " ");
    const stream = `C${random.uint32() % 1_000_000}][S${random.uint32()}${random.uint32()}`;
    const text = `[${stream}] upstream 10.0.${random.below(4)}.${random.below(250)}:8080 reset before response headers, ${random.below(5_000)} ms`;
    const body = Buffer.from(
      `[${time}][1][warning][router] [source/common/router/router.cc:1301] ${text}\n`,
    );
    return intake.accessLogs(body, query, requestOf(body, nowMs));
  };
}

function requestOf(body: Uint8Array, receivedAtMs: number): IngestRequest {
  const digest = createHash("sha1").update(body).digest("hex");
  return { wireBytes: body.length, receivedAtMs, digest, delivered: Promise.resolve(true) };
}

async function vacuum(db: Database): Promise<void> {
  await db.pool.query(
    "VACUUM block, segment, log_block, log_line, trace_batch, trace_run, trace_run_page, rollup_open, waiting_attempt",
  );
}

function tell(title: string, bytes: ReadonlyMap<string, number>): void {
  process.stdout.write(`${title}, bytes per ${unit}:\n`);
  const groups = Map.groupBy(bytes, ([name]) => groupOf(name));
  for (const [group, members] of groups) {
    const sum = members.reduce((total, [, one]) => total + one, 0);
    if (sum !== 0) line(`  ${group}`, sum / recordsSent);
  }
}

/** Partitions of a signal have its table as their parent. */
function groupOf(name: string): string {
  if (name.startsWith("block") || name.startsWith("log_block")) return "blocks";
  if (name.startsWith("log_line")) return "rows of log lines";
  if (name.startsWith("segment")) return "segments";
  if (name.startsWith("trace_")) return "index of traces";
  return name.startsWith("rollup_") ? "sums" : "other tables (mostly of one size)";
}

function line(what: string, value: number): void {
  process.stdout.write(`${what}: ${value >= 100 ? value.toFixed(0) : value.toFixed(2)}\n`);
}
