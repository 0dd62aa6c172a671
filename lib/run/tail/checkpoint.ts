import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

import { z } from "zod";

import { StartProblem } from "#lib/config/start-problem.ts";

const position = z.object({
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  fingerprint: z.object({ bytes: z.number().int().min(0), sha256: z.string() }),
  /** Names the content of the file for the server, also when it is read on from a copy. */
  content: z.string(),
  /** Everything before is stored. */
  offset: z.number().int().min(0),
  /** Bytes up to here were sent, and their answer was not seen; they are sent again as they were. */
  pendingTo: z.number().int().min(0).nullable(),
  /** A copy of another file, which is read itself. */
  isCopy: z.boolean(),
});

/** How far one file was read. */
export type FilePosition = z.infer<typeof position>;

const checkpoint = z.object({ version: z.literal(1), files: z.array(position) });

/** The positions of an earlier run; null where there was none. */
export async function readCheckpoint(path: string): Promise<readonly FilePosition[] | null> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new StartProblem(`The checkpoint ${path} cannot be read: ${String(error)}.`);
  });
  if (text === null) return null;
  const parsed = checkpoint.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.files;
  throw new StartProblem(
    `The checkpoint ${path} is no checkpoint of viascope tail: move it away to begin anew, or name another with --checkpoint.`,
  );
}

/** Replaces the checkpoint: whatever happens, the file holds the old positions or the new ones, whole. */
export async function writeCheckpoint(path: string, files: readonly FilePosition[]): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(JSON.stringify({ version: 1, files }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const place = await open(folder, "r");
  try {
    await place.sync();
  } finally {
    await place.close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
