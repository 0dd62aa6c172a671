import { fork, type ChildProcess } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbeddedPostgres } from "#lib/db/embedded.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import roleOptions from "#lib/run/role-options.json" with { type: "json" };

export type RoleName = "ingest" | "worker" | "web";

export interface StackOptions {
  /** Processes of ingest that share a port. */
  readonly ingestProcesses: number;
  readonly withWeb: boolean;
  /** Node's options of ingest. */
  readonly ingestNodeOptions: readonly string[];
}

/** A whole Viascope as an operator runs it, on a Postgres of its own with durable commits. */
export interface Stack {
  readonly db: Database;
  readonly postgresProcess: number;
  /** Processes by role. */
  readonly processes: ReadonlyMap<RoleName, readonly number[]>;
  /** Ports by the setting that names them. */
  readonly ports: ReadonlyMap<string, number>;
  /** Ends every process and removes the data. */
  stop(): Promise<void>;
}

/** Filled by `npm run build`; a role that finds itself there need not load the TypeScript stripper. */
const compileCache = join(import.meta.dirname, "../../node_modules/.cache/viascope-compiled");

/** Starts it on free ports and a folder of its own. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "viascope-bench-"));
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    const postgres = await startEmbeddedPostgres({ folder, throwAway: true });
    ends.push(() => postgres.stop());
    await migrate(postgres.url);
    const db = await openDatabase({ url: postgres.url, poolSize: 2, applicationName: "bench" });
    ends.push(() => db.close());
    const { ports, processes } = await startRoles(postgres.url, options, ends);
    return { db, postgresProcess: postgres.processId, ports, processes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRoles(
  databaseUrl: string,
  options: StackOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Roles> {
  const roles = new Roles(databaseUrl, options, ends);
  for (let place = 0; place < options.ingestProcesses; place += 1) await roles.start("ingest");
  await roles.start("worker");
  if (options.withWeb) await roles.start("web");
  return roles;
}

class Roles {
  readonly ports = new Map<string, number>();
  readonly processes = new Map<RoleName, number[]>();
  readonly #databaseUrl: string;
  readonly #options: StackOptions;
  readonly #ends: (() => Promise<unknown>)[];

  constructor(databaseUrl: string, options: StackOptions, ends: (() => Promise<unknown>)[]) {
    this.#databaseUrl = databaseUrl;
    this.#options = options;
    this.#ends = ends;
  }

  async start(name: RoleName): Promise<void> {
    const child = fork(join(import.meta.dirname, "../../bin/viascope.ts"), [name], {
      env: this.#environment(name),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: [
        ...roleOptions[name].nodeOptions,
        ...(name === "ingest" ? this.#options.ingestNodeOptions : []),
      ],
    });
    this.#ends.push(() => ended(child));
    for (const [setting, port] of await portsOf(name, child)) this.ports.set(setting, port);
    this.processes.set(name, [...(this.processes.get(name) ?? []), child.pid ?? 0]);
  }

  /** The second process of ingest listens where the first does. */
  #environment(name: RoleName): NodeJS.ProcessEnv {
    const port = (setting: string): string => String(this.ports.get(setting) ?? 0);
    return {
      ...roleOptions[name].environment,
      NODE_COMPILE_CACHE: compileCache,
      NODE_ENV: "production",
      PATH: "/usr/bin:/bin",
      DATABASE_URL: this.#databaseUrl,
      VIASCOPE_OTLP_HTTP_PORT: port("VIASCOPE_OTLP_HTTP_PORT"),
      VIASCOPE_OTLP_GRPC_PORT: port("VIASCOPE_OTLP_GRPC_PORT"),
      VIASCOPE_SYSLOG_PORT: port("VIASCOPE_SYSLOG_PORT"),
      VIASCOPE_INGEST_PROCESSES: String(this.#options.ingestProcesses),
      VIASCOPE_WORKER_PORT: "0",
      VIASCOPE_LOG_LEVEL: "warn",
      NEXT_TELEMETRY_DISABLED: "1",
      PORT: "0",
    };
  }
}

function portsOf(name: RoleName, child: ChildProcess): Promise<[string, number][]> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    child.on("message", (message: { kind: string; ports?: Record<string, number> }) => {
      if (message.kind === "ready") resolve(Object.entries(message.ports ?? {}));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
