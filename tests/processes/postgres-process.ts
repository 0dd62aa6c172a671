import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { startEmbeddedPostgres, type EmbeddedPostgres } from "#lib/db/embedded.ts";
import { errorCode } from "#lib/db/error-code.ts";
import { migrate } from "#lib/db/migrate.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";

/** A Postgres of a test's own, with durable commits, that can be killed, stalled and started again at one address. */
export class PostgresProcess {
  readonly folder: string;
  readonly url: string;
  #server: EmbeddedPostgres;

  private constructor(folder: string, server: EmbeddedPostgres) {
    this.folder = folder;
    this.url = server.url;
    this.#server = server;
  }

  /** With the migrations applied, in a folder that did not exist. */
  static async create(
    folder = join(tmpdir(), `viascope-pg-${process.pid}-${Date.now()}`),
  ): Promise<PostgresProcess> {
    const server = await startEmbeddedPostgres({ folder, settings });
    await migrate(server.url);
    return new PostgresProcess(folder, server);
  }

  async start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ folder: this.folder, settings });
  }

  /** Starts it when it ended by itself, or does so within a second. */
  async startIfEnded(): Promise<void> {
    const ended = await Promise.race([this.#server.ended, sleep(1_000)]);
    if (ended !== undefined) await this.start();
  }

  /** Ends all of its processes at once, as a power cut would. */
  async kill(): Promise<void> {
    for (const processId of await this.#processes()) signal(processId, "SIGKILL");
    await this.#server.ended;
  }

  /** Holds all of its processes: connections stay open, and nothing answers. Gives how to let them go on. */
  async stall(): Promise<() => void> {
    const processes = await this.#processes();
    for (const processId of processes) signal(processId, "SIGSTOP");
    return () => {
      for (const processId of processes) signal(processId, "SIGCONT");
    };
  }

  open(): Promise<Database> {
    return openDatabase({ url: this.url, poolSize: 2, applicationName: "viascope-test" });
  }

  async remove(): Promise<void> {
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The server and those that it started; the server first, so that it starts no further ones. */
  async #processes(): Promise<number[]> {
    const server = this.#server.processId;
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
    const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    const children = pairs.flatMap(([processId = 0, parent]) =>
      parent === server ? [processId] : [],
    );
    return [server, ...children];
  }
}

/** Workers of Postgres come and go while they are listed. */
function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

/** Small, as several run beside each other. */
const settings = { shared_buffers: "32MB", max_wal_size: "128MB", min_wal_size: "32MB" };
