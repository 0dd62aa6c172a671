import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Settings } from "./settings.ts";
import { StartProblem } from "./start-problem.ts";

const fileName = "secret.key";
const keyBytes = 32;

/** The keys that encrypt secrets in the database: from VIASCOPE_SECRET_KEY, else from a file of ours that only its owner reads. */
export async function readSecretKeys(
  settings: Pick<Settings, "dataDir" | "secretKeys">,
): Promise<readonly Buffer[]> {
  if (settings.secretKeys.length > 0) {
    return settings.secretKeys.map((key) => Buffer.from(key, "base64"));
  }
  const path = join(settings.dataDir, fileName);
  const text = (await contentOf(path)) ?? (await create(settings.dataDir, path));
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === keyBytes) return [key];
  throw new StartProblem(
    `${path} does not hold a key: put the file back as it was, or set VIASCOPE_SECRET_KEY and enter the secrets of all channels again.`,
  );
}

async function create(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.${fileName}.${randomUUID()}`);
  await writeFile(draft, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600 });
  try {
    // Two processes may start at once: linking fails for the second, which takes the first one's key.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, "utf8");
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
