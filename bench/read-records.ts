import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { exchangesParams } from "#lib/contract/exchanges.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { spansAt } from "#lib/decode/otlp-detail.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { mergeTraceIndex } from "#lib/run/merge-traces.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { LineBodies } from "./load/lines.ts";
import { otlpRequests } from "./load/otlp.ts";
import { Random } from "./load/random.ts";
import { cpuSeconds } from "./run/process-cost.ts";

/**
 * How long it takes to read single records: a trace by its id, without and with an access-log line that names it, an exchange,
 * and lists of the worst and the newest.
 *   node bench/read-records.ts --traces 2000000 [--at-once 32]
 * Half of the traces are of two spans, half are access-log lines; one line in a thousand is a hop of a trace of spans.
 */
const { values } = parseArgs({
  options: {
    traces: { type: "string", default: "2000000" },
    /** Requests that wait for one commit: the more, the larger the blocks. */
    "at-once": { type: "string", default: "32" },
    asks: { type: "string", default: "100" },
  },
});
const project = 1;
const spansPerRequest = 512;
const linesPerRequest = 1_000;
const atOnce = Number(values["at-once"]);
const asks = Number(values.asks);
/** Requests of lines; for each so many of spans that both tell of as many traces. */
const lineRequests = Math.round(Number(values.traces) / 2 / linesPerRequest);
const spanRequestsEach = Math.round(linesPerRequest / (spansPerRequest / 2));
const sentPerRound = Math.max(1, Math.round(atOnce / (1 + spanRequestsEach)));

/** Traces that were sent, some of them with a hop. */
const sent: { readonly traceId: string; readonly isLogged: boolean }[] = [];
const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
try {
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 8, applicationName: "bench" });
  const begunMs = Date.now();
  await fill(db);
  await tellBlocks(db);
  await ask(db, { fromMs: begunMs - 600_000, toMs: Date.now() + 60_000 });
  await db.close();
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function fill(db: Database): Promise<void> {
  const ingest = await openIngest(db, { project, metrics: createMetrics() });
  const spans = otlpRequests("pair", spansPerRequest, new Random(5))();
  const lines = new LineBodies("json", linesPerRequest, new Random(6));
  for (let round = 0; round < lineRequests; round += sentPerRound) {
    const sending: Promise<void>[] = [];
    for (let each = 0; each < sentPerRound; each += 1) {
      let traceId = "";
      for (let request = 0; request < spanRequestsEach; request += 1) {
        const body = Buffer.from(spans.next(Date.now()));
        traceId = spansAt(body, [0])[0]?.traceId ?? "";
        sent.push({ traceId, isLogged: request === spanRequestsEach - 1 });
        sending.push(sendSpans(ingest, body));
      }
      sending.push(sendLines(ingest, namingTraces(lines.next(Date.now()), traceId)));
    }
    await Promise.all(sending);
  }
  await mergeTraceIndex(db, Date.now() + 120_000);
  await closeBuckets(db, Date.now() + 120_000, keepMsDefault);
  await db.pool.query("VACUUM ANALYZE");
}

/** Every line names a trace of its own, and one in the middle the given one. */
function namingTraces(body: Buffer, traceId: string): Buffer {
  const texts = body.toString().split("\n").slice(0, -1);
  const middle = Math.floor(texts.length / 2);
  const named = texts.map((text, place) => {
    const id = place === middle ? traceId : randomBytes(16).toString("hex");
    return `${text.slice(0, -1)},"http_traceparent":"00-${id}-${id.slice(16)}-01"}\n`;
  });
  return Buffer.from(named.join(""));
}

async function sendSpans({ intake }: Ingest, body: Buffer): Promise<void> {
  refuseUnless((await intake.traces(body, "protobuf", facts(body))).kind);
}

async function sendLines({ intake }: Ingest, body: Buffer): Promise<void> {
  const query = new URLSearchParams("format=nginx&proxy=edge");
  refuseUnless((await intake.accessLogs(body, query, facts(body))).kind);
}

function facts(body: Buffer) {
  return {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(true),
  };
}

function refuseUnless(kind: string): void {
  if (kind !== "accepted") throw new Error(`A request was answered with ${kind}.`);
}

async function tellBlocks(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ signal: string; blocks: string; mib: string }>(
    `SELECT signal, count(*) AS blocks, round(avg(raw_bytes) / 1048576.0, 2) AS mib FROM block GROUP BY signal ORDER BY signal`,
  );
  for (const { signal, blocks, mib } of rows) {
    process.stdout.write(`${signal}: ${blocks} blocks of ${mib} MiB\n`);
  }
}

async function ask(
  db: Database,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const random = new Random(9);
  const pick = <Item>(items: readonly Item[]) => items[random.below(items.length)];
  const [plain, logged] = [false, true].map((isLogged) =>
    sent.filter((one) => one.isLogged === isLogged),
  );
  for (const [title, traces, hops] of [
    ["trace of spans", plain, 0],
    ["trace with a hop from an access log", logged, 1],
  ] as const) {
    await time(title, async () => {
      const traceId = pick(traces ?? [])?.traceId ?? "";
      const found = await readTrace(db, { project, traceId });
      if (found?.spans.length !== 2 || found.hops.length !== hops) throw new Error("Not found.");
    });
  }
  const list = (words: Record<string, string>) => async () => {
    const found = await readExchanges(db, { project, window }, exchangesParams.parse(words));
    ids.push(...found.map(({ id }) => id));
  };
  const ids: string[] = [];
  await time("50 newest", list({ order: "newest", limit: "50" }));
  await time("20 worst", list({ order: "worst" }));
  await time("20 worst with status 404", list({ order: "worst", status: "404" }));
  await time("20 worst with status 404, of one proxy", list({ status: "404", proxy: "edge" }));
  await time("exchange by its id", async () => {
    const id = pick(ids) ?? "";
    if ((await readExchange(db, { project, id })) === null) throw new Error("Not found.");
  });
}

async function time(title: string, work: () => Promise<void>): Promise<void> {
  const took: number[] = [];
  const before = process.cpuUsage();
  const postgresBefore = cpuSeconds([postgres.processId]);
  for (let place = 0; place < asks + 5; place += 1) {
    const begun = performance.now();
    await work();
    took.push(performance.now() - begun);
  }
  const spent = process.cpuUsage(before);
  const node = (spent.user + spent.system) / 1e3 / took.length;
  const ofPostgres = ((cpuSeconds([postgres.processId]) - postgresBefore) * 1e3) / took.length;
  const sorted = took.slice(5).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  process.stdout.write(
    `${title.padEnd(42)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms  CPU: Node ${node.toFixed(1)} ms, Postgres ${ofPostgres.toFixed(1)} ms\n`,
  );
}
