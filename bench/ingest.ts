import { fork, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";

import { nginxLines } from "./load/nginx.ts";
import { OtlpRequests } from "./load/otlp.ts";
import { costOf } from "./load/process-cost.ts";
import { Random } from "./load/random.ts";
import { send } from "./load/sender.ts";

/**
 * Records acknowledged per second after their durable commit, with everything on, and what each costs.
 *   npm run bench:ingest -- --scenario otlp-512 --seconds 60 --runs 3
 * The client and Postgres (durable as in production) run on the same cores.
 */
const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "otlp-512" },
    seconds: { type: "string", default: "20" },
    runs: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    /** Processes of ingest that share a port. */
    processes: { type: "string", default: "1" },
    /** A folder for a CPU profile of ingest. */
    profile: { type: "string" },
    /** Node options of ingest, to try what they do: "--max-semi-space-size=16". */
    node: { type: "string", default: "" },
  },
});

interface Scenario {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly recordsPerRequest: number;
  readonly body: (random: Random) => () => Buffer;
}

const protobuf = { "content-type": "application/x-protobuf" };
const lineStream = "/ingest/access-logs?format=nginx&proxy=edge";

function otlp(spans: number, pack: (body: Buffer) => Buffer = (body) => body): Scenario["body"] {
  return (random) => {
    const requests = new OtlpRequests(spans, random);
    return () => pack(requests.next(Date.now()));
  };
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "otlp-512": { path: "/v1/traces", headers: protobuf, recordsPerRequest: 512, body: otlp(512) },
  "otlp-512-gzip": {
    path: "/v1/traces",
    headers: { ...protobuf, "content-encoding": "gzip" },
    recordsPerRequest: 512,
    body: otlp(512, (body) => gzipSync(body, { level: 1 })),
  },
  "otlp-6": { path: "/v1/traces", headers: protobuf, recordsPerRequest: 6, body: otlp(6) },
  "nginx-text": {
    path: lineStream,
    headers: { "content-type": "text/plain" },
    recordsPerRequest: 1000,
    body: (random) => () => nginxLines(random, 1000, Date.now(), false),
  },
  "nginx-json": {
    path: lineStream,
    headers: { "content-type": "application/x-ndjson" },
    recordsPerRequest: 1000,
    body: (random) => () => nginxLines(random, 1000, Date.now(), true),
  },
};

const scenario = scenarios[values.scenario];
if (scenario === undefined) {
  throw new Error(`--scenario is one of ${Object.keys(scenarios).join(", ")}`);
}

const runs: Figures[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const figures = await measure(scenario, run);
  runs.push(figures);
  print(`run ${run}`, figures);
}
print("median", medianOf(runs));

async function measure(chosen: Scenario, seed: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
  const postgres = await startEmbeddedPostgres({ folder: join(folder, "data"), throwAway: true });
  await migrate(postgres.url);
  const db = await openDatabase({ url: postgres.url, poolSize: 2, applicationName: "bench" });
  const ingest = await startRole("ingest", postgres.url);
  const others: Role[] = [];
  for (let place = 1; place < Number(values.processes); place += 1) {
    others.push(await startRole("ingest", postgres.url, ingest.port));
  }
  const ingests = [ingest, ...others];
  const worker = await startRole("worker", postgres.url);
  try {
    const before = costs(ingests, worker, postgres.processId);
    const begunMs = Date.now();
    const sent = await send({
      port: ingest.port,
      path: chosen.path,
      headers: chosen.headers,
      connections: Number(values.connections),
      untilMs: begunMs + Number(values.seconds) * 1000,
      body: chosen.body(new Random(seed)),
    });
    const seconds = (Date.now() - begunMs) / 1000;
    const after = costs(ingests, worker, postgres.processId);
    const records = (sent.requests - sent.refused) * chosen.recordsPerRequest;
    const us = (name: keyof typeof after): number =>
      ((after[name].cpuSeconds - before[name].cpuSeconds) * 1e6) / records;
    const sorted = sent.latenciesMs.toSorted((a, b) => a - b);
    return {
      recordsPerSecond: records / seconds,
      ingestCpuUs: us("ingest"),
      postgresCpuUs: us("postgres"),
      workerCpuUs: us("worker"),
      clientCpuUs: us("client"),
      ackMsP50: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
      ackMsP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      ingestMebibytes: after.ingest.residentBytes / 1024 / 1024,
      bytesPerRecord: (await bytesStored(db)) / records,
      refusedRequests: sent.refused,
    };
  } finally {
    await db.close();
    await stopRole(worker.child);
    await Promise.all(ingests.map(({ child }) => stopRole(child)));
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Role {
  readonly child: ChildProcess;
  readonly port: number;
}

function startRole(name: "ingest" | "worker", databaseUrl: string, asked = 0): Promise<Role> {
  const child = fork(join(import.meta.dirname, "../bin/viascope.ts"), [name], {
    env: {
      NODE_ENV: "production",
      PATH: "/usr/bin:/bin",
      DATABASE_URL: databaseUrl,
      VIASCOPE_OTLP_HTTP_PORT: String(asked),
      VIASCOPE_INGEST_PROCESSES: values.processes,
      VIASCOPE_OTLP_GRPC_PORT: "0",
      VIASCOPE_SYSLOG_PORT: "0",
      VIASCOPE_WORKER_PORT: "0",
      VIASCOPE_LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: name === "ingest" ? ingestOptions() : [],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    child.on("message", (message: { kind: string; ports?: Record<string, number> }) => {
      const port = message.ports?.["VIASCOPE_OTLP_HTTP_PORT"] ?? 0;
      if (message.kind === "ready") resolve({ child, port });
    });
  });
}

function ingestOptions(): string[] {
  const tried = values.node.split(" ").filter((option) => option !== "");
  if (values.profile === undefined) return tried;
  return [...tried, "--cpu-prof", `--cpu-prof-dir=${values.profile}`];
}

async function stopRole(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

function costs(ingests: readonly Role[], worker: Role, postgres: number) {
  const own = process.cpuUsage();
  const each = ingests.map(({ child }) => costOf(child.pid ?? 0));
  return {
    ingest: {
      cpuSeconds: each.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      residentBytes: each.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    },
    worker: costOf(worker.child.pid ?? 0),
    postgres: costOf(postgres),
    client: { cpuSeconds: (own.user + own.system) / 1e6, residentBytes: 0 },
  };
}

/** Heap, indexes and TOAST of everything that telemetry is kept in. */
async function bytesStored(db: Database): Promise<number> {
  const answer = await db.pool.query<{ bytes: string }>(
    `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class
      WHERE relkind = 'r' AND relname ~ '^(block|exchange|attempt|trace_|waiting_attempt|rollup)'`,
  );
  return Number(answer.rows[0]?.bytes ?? 0);
}

type Figures = Readonly<Record<string, number>>;

/** The median of each figure over the runs. */
function medianOf(figures: readonly Figures[]): Figures {
  const names = Object.keys(figures[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const sorted = figures.map((one) => one[name] ?? 0).toSorted((a, b) => a - b);
      return [name, sorted[Math.floor(sorted.length / 2)] ?? 0];
    }),
  );
}

function print(title: string, figures: Figures): void {
  const told = Object.entries(figures).map(([name, value]) => `${name}=${round(value)}`);
  process.stdout.write(`${values.scenario} ${title}: ${told.join(" ")}\n`);
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
