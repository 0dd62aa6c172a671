import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { StartProblem } from "#lib/config/start-problem.ts";

import { inUse } from "./explain-failure.ts";

const stopMsMax = 30_000;
const orphanMsMax = 1_500;

/** Waits for a server that is stopping, clears a note left by a power cut, and throws a StartProblem when another server runs there. */
export async function claimFolder(folder: string): Promise<void> {
  const start = Date.now();
  let note = await readNote(folder);
  while (note !== null && (await isPostgres(note.processId))) {
    const waited = Date.now() - start;
    if (waited > (note.status === "stopping" ? stopMsMax : orphanMsMax)) {
      throw new StartProblem(inUse(folder, note.processId));
    }
    await sleep(50);
    note = await readNote(folder);
  }
  // Postgres clears the note of a dead process itself, but not when its number now belongs to another program.
  if (note !== null && isAlive(note.processId)) await rm(noteOf(folder), { force: true });
}

/** Says whether the server on a folder takes connections. */
export async function isReady(folder: string, processId: number): Promise<boolean> {
  const note = await readNote(folder);
  return note?.status === "ready" && note.processId === processId;
}

/** The server that takes connections on a folder now, whoever started it, or null. */
export async function runningOn(folder: string): Promise<{ socketFolder: string } | null> {
  const note = await readNote(folder);
  if (note?.status !== "ready" || !(await isPostgres(note.processId))) return null;
  return { socketFolder: note.socketFolder };
}

interface Note {
  readonly processId: number;
  readonly socketFolder: string;
  readonly status: string;
}

function noteOf(folder: string): string {
  return join(folder, "postmaster.pid");
}

/** The pid file of Postgres: the process on its first line, the socket's folder on the fifth, its state on the eighth. */
async function readNote(folder: string): Promise<Note | null> {
  const text = await readFile(noteOf(folder), "utf8").catch(() => null);
  if (text === null) return null;
  const lines = text.split("\n");
  return {
    processId: Number(lines[0]),
    socketFolder: lines[4] ?? "",
    status: (lines[7] ?? "").trim(),
  };
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function isPostgres(processId: number): Promise<boolean> {
  if (!isAlive(processId)) return false;
  const name = await readFile(`/proc/${processId}/comm`, "utf8").catch(() => nameFromPs(processId));
  return name.includes("postgres");
}

async function nameFromPs(processId: number): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "comm=", "-p", String(processId)]);
  return stdout;
}
