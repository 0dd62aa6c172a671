import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, relative, resolve } from "node:path";

import { StartProblem } from "#lib/config/start-problem.ts";

import { segmentNames } from "./segments.ts";

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
    const claimed = await claim(folder);
    if (claimed !== null) return claimed;
  }
  throw new StartProblem(
    `${spoolFolder} is used by ${processesMax} processes: give the others a VIASCOPE_SPOOL_DIR of their own.`,
  );
}

/** The folders in which requests wait and that no living process has. */
export async function abandonedFolders(spoolFolder: string): Promise<string[]> {
  const names = (await readdir(spoolFolder)).filter((name) => /^\d{1,2}$/.test(name));
  const folders = names.map((name) => join(resolve(spoolFolder), name));
  const abandoned = await Promise.all(
    folders.map(async (folder) => {
      const waits = (await segmentNames(folder)).length > 0;
      return waits && !(await isHeld(folder, await newestClaim(folder)));
    }),
  );
  return folders.filter((_, place) => abandoned[place]);
}

/**
 * Claims a folder; null when a living process has it, or was faster. Claims are numbered, and only the highest holds: a
 * socket that does not answer is dead for good, but removing it could hit the one that another process puts there. The
 * highest is left when it ends, so that no number is used twice.
 */
export async function claim(folder: string): Promise<ClaimedFolder | null> {
  const newest = await newestClaim(folder);
  if (await isHeld(folder, newest)) return null;
  const path = join(folder, `new-${randomUUID().slice(0, 8)}`);
  const server = await listening(path);
  const holds = await link(path, claimPath(folder, newest + 1)).then(
    async () => (await newestClaim(folder)) === newest + 1,
    () => false,
  );
  await rm(path, { force: true });
  if (!holds) {
    await closed(server);
    return null;
  }
  await removeOlder(folder, newest + 1);
  return { folder, release: () => closed(server) };
}

/** The number of the claim that holds, if its process lives; 0 is none. */
async function newestClaim(folder: string): Promise<number> {
  return Math.max(0, ...(await readdir(folder)).map(claimNumber));
}

/** What others tried lost to this claim, whatever they are at. */
async function removeOlder(folder: string, newest: number): Promise<void> {
  const lost = (await readdir(folder)).filter((name) => {
    const number = claimNumber(name);
    return name.startsWith("new-") || (number > 0 && number < newest);
  });
  for (const name of lost) await rm(join(folder, name), { force: true });
}

function claimNumber(name: string): number {
  return Number(/^claim-(?<number>\d+)$/.exec(name)?.groups?.["number"] ?? 0);
}

function claimPath(folder: string, number: number): string {
  return join(folder, `claim-${number}`);
}

async function listening(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(shorter(path), done);
    });
  } catch (error) {
    throw new StartProblem(
      `${path} cannot be opened (${textOf(error)}): set VIASCOPE_SPOOL_DIR to a folder with a short path on a local disk.`,
      { cause: error },
    );
  }
  return server.unref();
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => void server.close(() => done()));
}

function isHeld(folder: string, number: number): Promise<boolean> {
  if (number === 0) return Promise.resolve(false);
  return new Promise((done) => {
    const socket = connect(shorter(claimPath(folder, number)));
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
