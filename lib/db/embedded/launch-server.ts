import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { StartProblem } from "#lib/config/start-problem.ts";

import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";
import { isReady } from "./postmaster.ts";
import { stopProcess } from "./watch-over.ts";

interface Launch {
  readonly folder: string;
  readonly sockets: string;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly settings?: Record<string, string>;
  readonly log?: (line: string) => void;
}

interface Server {
  readonly process: ChildProcess;
  readonly ended: Promise<string>;
}

/** Crash recovery replays at most max_wal_size, which takes well under this. */
const readyMsMax = 120_000;

/** Starts the server process and resolves when it takes connections. */
export async function launchServer(launch: Launch): Promise<Server> {
  const child = launch.account.spawn(
    launch.binaries.postgres,
    ["-D", launch.folder, ...settingFlags(launch)],
    ["ignore", "ignore", "pipe"],
  );
  const lines = collectLines(child, launch.log);
  const ended = endOf(child, lines);
  await untilReady(launch.folder, child, lines).catch(async (error: unknown) => {
    await stopProcess(child);
    throw error;
  });
  return { process: child, ended };
}

/** Sized to share a small machine with three Node processes; everything about durability keeps Postgres' own, safe values. */
const defaults: Record<string, string> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  shared_buffers: "192MB",
  max_connections: "60",
  max_wal_size: "2GB",
  min_wal_size: "160MB",
  wal_compression: "on",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  checkpoint_timeout: "15min",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  log_min_messages: "warning",
  log_line_prefix: "",
};

function settingFlags({ sockets, settings }: Launch): string[] {
  const all = { ...defaults, unix_socket_directories: sockets, ...settings };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function collectLines(child: ChildProcess, log: Launch["log"]): string[] {
  const lines: string[] = [];
  if (child.stderr === null) return lines;
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > 20) lines.shift();
    log?.(line);
  });
  return lines;
}

function endOf(child: ChildProcess, lines: string[]): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) =>
      resolve(`Postgres ended with ${signal ?? `code ${code}`}: ${lines.at(-1) ?? "no message"}`),
    );
  });
}

async function untilReady(folder: string, child: ChildProcess, lines: string[]): Promise<void> {
  const start = Date.now();
  while (!(child.pid !== undefined && (await isReady(folder, child.pid)))) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      await sleep(20);
      throw new StartProblem(explainFailure(folder, lines.join("\n")));
    }
    if (Date.now() - start > readyMsMax) {
      throw new StartProblem(explainFailure(folder, "it was not ready within two minutes"));
    }
    await sleep(10);
  }
}
