import type { ChildProcess } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { Client } from "pg";

import { StartProblem } from "#lib/config/start-problem.ts";

import { accountFor } from "./embedded/account.ts";
import { findBinaries } from "./embedded/binaries.ts";
import { createCluster } from "./embedded/create-cluster.ts";
import { launchServer } from "./embedded/launch-server.ts";
import { claimFolder, runningOn } from "./embedded/postmaster.ts";
import { socketFolderFor } from "./embedded/socket-folder.ts";
import { stopProcess, watchOver } from "./embedded/watch-over.ts";

export interface EmbeddedPostgres {
  /** Connection string of the database `viascope`, over a unix socket that only this account can open. */
  readonly url: string;
  readonly processId: number;
  /** Resolves with a sentence when the server ends, asked or not. */
  readonly ended: Promise<string>;
  /** Ends sessions, writes everything out, and resolves when no process is left. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where the cluster is kept; created when missing. */
  readonly folder: string;
  readonly settings?: Record<string, string>;
  /** Removes the folder as soon as the server has ended, however that comes. For tests. */
  readonly throwAway?: boolean;
  readonly log?: (line: string) => void;
}

/** Starts Postgres 18 on a folder; what was committed there survives any stop. Throws a StartProblem when it cannot. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const binaries = findBinaries();
  await makeParent(options.folder);
  const account = await accountFor(options.folder, binaries.folder);
  await createCluster(options.folder, binaries, account);
  await claimFolder(options.folder);
  const sockets = await socketFolderFor(options.folder, account);
  const server = await launchServer({ ...options, binaries, account, sockets });
  const stopWatching = watchOver(
    server.process,
    options.throwAway === true ? options.folder : null,
  );
  const url = await databaseUrl(sockets).catch(async (error: unknown) => {
    await stopProcess(server.process);
    throw error;
  });
  return {
    url,
    processId: processIdOf(server.process),
    ended: server.ended,
    async stop() {
      await stopProcess(server.process);
      stopWatching();
      if (sockets !== resolve(options.folder)) await rm(sockets, { recursive: true, force: true });
      if (options.throwAway === true) await rm(options.folder, { recursive: true, force: true });
    },
  };
}

/** Before the account is chosen: it depends on who may enter this folder. */
async function makeParent(folder: string): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartProblem(
      `${parent} cannot be created (${reason}): set VIASCOPE_DATA_DIR to a folder that this account can write.`,
      { cause: error },
    );
  });
}

function processIdOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new StartProblem("The embedded Postgres did not start.");
  return child.pid;
}

/** Makes sure that the database exists, for a cluster is born with `postgres` alone. */
async function databaseUrl(socketFolder: string): Promise<string> {
  const client = new Client({ connectionString: urlOf(socketFolder, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'viascope'");
    if (rowCount === 0) await client.query("CREATE DATABASE viascope");
  } finally {
    await client.end();
  }
  return urlOf(socketFolder, "viascope");
}

function urlOf(socketFolder: string, database: string): string {
  return `postgresql://viascope@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;
}

/** Connection string of the server that another process runs on a folder, or null when none does. */
export async function urlOfRunning(folder: string): Promise<string | null> {
  const running = await runningOn(folder);
  return running === null ? null : urlOf(running.socketFolder, "viascope");
}

/** The folder of the cluster inside Viascope's data folder; a new major version gets a new one. */
export function clusterFolder(dataFolder: string): string {
  return join(dataFolder, "postgres-18");
}
