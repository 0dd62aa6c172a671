import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { StartProblem } from "#lib/config/start-problem.ts";

import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { explainFailure } from "./explain-failure.ts";

const major = "18";

/** Makes a new cluster in a folder unless one stands there; an interrupted attempt leaves no half cluster. */
export async function createCluster(
  folder: string,
  binaries: Binaries,
  account: Account,
): Promise<void> {
  if (await isCluster(folder)) return;
  const draft = `${folder}.new`;
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await account.own(draft);
    await runInitdb(draft, binaries, account);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw new StartProblem(explainFailure(folder, error), { cause: error });
  }
}

async function isCluster(folder: string): Promise<boolean> {
  const version = await readFile(join(folder, "PG_VERSION"), "utf8").catch(() => null);
  if (version === null) return false;
  if (version.trim() === major) return true;
  throw new StartProblem(
    `${folder} was written by Postgres ${version.trim()}, and this Viascope brings Postgres ${major}: set VIASCOPE_DATA_DIR to another folder.`,
  );
}

async function runInitdb(folder: string, binaries: Binaries, account: Account): Promise<void> {
  const child = account.spawn(
    binaries.initdb,
    [
      `--pgdata=${folder}`,
      "--username=viascope",
      // The socket stands in a folder that only this account can open.
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
    ],
    ["ignore", "ignore", "pipe"],
  );
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(output);
}
