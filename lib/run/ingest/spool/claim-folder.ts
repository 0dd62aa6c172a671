import { mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative, resolve } from "node:path";

import { StartProblem } from "#lib/config/start-problem.ts";

/** Ingest processes that may share one spool folder. */
const processesMax = 64;
/** A unix socket's path may have 107 bytes on Linux, 103 on macOS. */
const pathBytesMax = 103;

export interface ClaimedFolder {
  readonly folder: string;
  release(): Promise<void>;
}

/**
 * Gives this process a folder of its own inside the spool's: the first that no living process has, so that a process that
 * is started again finds what it left. A socket in it is the claim, as it ends with the process however that ends.
 */
export async function claimFolder(spoolFolder: string): Promise<ClaimedFolder> {
  for (let number = 0; number < processesMax; number += 1) {
    const folder = join(resolve(spoolFolder), String(number));
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw new StartProblem(
        `${folder} cannot be created (${textOf(error)}): set VIASCOPE_SPOOL_DIR to a folder that this account can write.`,
        { cause: error },
      );
    });
    const server = await claimed(join(folder, "claim"));
    if (server === null) continue;
    return {
      folder,
      release: () => new Promise((done) => void server.close(() => done())),
    };
  }
  throw new StartProblem(
    `${spoolFolder} is used by ${processesMax} processes: give the others a VIASCOPE_SPOOL_DIR of their own.`,
  );
}

/** null when a living process has it. */
async function claimed(path: string): Promise<Server | null> {
  const short = shorter(path);
  if (await answers(short)) return null;
  await rm(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(short, done);
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return null;
    throw new StartProblem(
      `${path} cannot be opened (${textOf(error)}): set VIASCOPE_SPOOL_DIR to a folder with a short path on a local disk.`,
      { cause: error },
    );
  }
  server.unref();
  return server;
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

function shorter(path: string): string {
  if (Buffer.byteLength(path) <= pathBytesMax) return path;
  return relative(process.cwd(), path);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
