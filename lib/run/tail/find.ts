import { glob, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { FilePosition } from "./checkpoint.ts";
import { isTelling } from "./fingerprint.ts";
import { FollowedFile } from "./followed-file.ts";

/** A regular file that one of the patterns names. */
export interface FoundFile {
  readonly path: string;
  readonly key: string;
}

/** Of one pattern, and of one folder that is searched for a rotated file. */
const filesMax = 10_000;

/** The regular files that the patterns name now, in the order of the patterns; a file with two names comes once. */
export async function filesNamed(patterns: readonly string[]): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const pattern of patterns) {
    for await (const path of pathsOf(pattern)) {
      const key = await keyOf(path);
      if (key !== null && !found.has(key)) found.set(key, { path, key });
      if (found.size >= filesMax) return [...found.values()];
    }
  }
  return [...found.values()];
}

/** A name that is no pattern is taken as it is, also where it holds characters of patterns. */
async function* pathsOf(pattern: string): AsyncGenerator<string> {
  if ((await keyOf(pattern)) !== null) yield pattern;
  else if (/[*?[{]/.test(pattern)) yield* glob(pattern);
}

/** Device and inode of a regular file; null for what is none. */
async function keyOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found?.isFile() === true ? `${found.dev}:${found.ino}` : null;
}

/**
 * The content of a position, wherever rotation brought it: under its own name, under another name in its folder
 * (renamed), or in another file that begins the same (copied, before the file was emptied). Null when it is nowhere.
 */
export async function contentOf(position: FilePosition): Promise<FollowedFile | null> {
  const key = `${position.device}:${position.inode}`;
  const names = await siblingsOf(position.path);
  const files = await Promise.all(names.map(async (path) => ({ path, key: await keyOf(path) })));
  const same = files.filter((file) => file.key === key);
  const others = files.filter((file) => file.key !== null && file.key !== key);
  const candidates = isTelling(position.fingerprint) ? [...same, ...others] : same;
  for (const { path } of candidates) {
    const file = await FollowedFile.resumed(path, position).catch(() => null);
    if (file !== null) return file;
  }
  return null;
}

/** Whether a file may be called `other` by its rotation: `access.log` becomes `access.log.1` or `access-20261121.log`. */
export function isRotatedName(path: string, other: string): boolean {
  const [stem = ""] = basename(path).split(".", 1);
  return dirname(path) === dirname(other) && basename(other).startsWith(stem);
}

async function siblingsOf(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const others = names.slice(0, filesMax).map((name) => join(folder, name));
  return [path, ...others.filter((other) => other !== path && isRotatedName(path, other))];
}
