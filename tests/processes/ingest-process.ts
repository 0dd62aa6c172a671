import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { childEnvironment } from "#lib/config/environment.ts";
import type { RoleReport } from "#lib/run/role.ts";

const commandLine = join(import.meta.dirname, "../../bin/viascope.ts");

/** The ingest role as a process that can be killed and started again on the same port. */
export class IngestProcess {
  readonly url: string;
  readonly #databaseUrl: string;
  readonly #port: number;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;

  private constructor(
    databaseUrl: string,
    port: number,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#databaseUrl = databaseUrl;
    this.#environment = environment;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async on(
    databaseUrl: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<IngestProcess> {
    return new IngestProcess(databaseUrl, await freePort(), environment);
  }

  /** Another one, that shares the port. */
  beside(): IngestProcess {
    return new IngestProcess(this.#databaseUrl, this.#port, this.#environment);
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = fork(commandLine, ["ingest"], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: childEnvironment({
        DATABASE_URL: this.#databaseUrl,
        VIASCOPE_OTLP_HTTP_PORT: String(this.#port),
        VIASCOPE_OTLP_GRPC_PORT: "0",
        VIASCOPE_SYSLOG_PORT: "0",
        VIASCOPE_WORKER_PORT: "0",
        VIASCOPE_LOG_LEVEL: "fatal",
        NODE_ENV: "production",
        ...this.#environment,
      }),
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once("message", (report: RoleReport) => {
        if (report.kind === "failed") reject(new Error(report.reason));
        else resolve();
      });
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Its counters, as series with their labels → value. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  /** The most memory it ever had; where the system does not tell, 0. */
  peakMemoryBytes(): number {
    return this.#statusBytes(/VmHWM:\s+(\d+) kB/);
  }

  /** The memory that it has; where the system does not tell, 0. */
  memoryBytes(): number {
    return this.#statusBytes(/VmRSS:\s+(\d+) kB/);
  }

  #statusBytes(line: RegExp): number {
    const status = `/proc/${this.#child?.pid}/status`;
    if (!existsSync(status)) return 0;
    const [, kilobytes = 0] = line.exec(readFileSync(status, "utf8")) ?? [];
    return Number(kilobytes) * 1024;
  }

  /** Ends it as a power cut would: it can do nothing before. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Nothing of it moves, while the system goes on taking connections for it; gives what lets it go on. */
  stall(): () => void {
    this.#child?.kill("SIGSTOP");
    return () => void this.#child?.kill("SIGCONT");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
