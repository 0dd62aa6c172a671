import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { fetchVictoriaLogs } from "./fetch-victorialogs.ts";

const run = promisify(execFile);
const fromNpm = ["chdb@3.4.0"];
const fromDebian = ["goaccess", "libmaxminddb0"];

/** Where npm's packages are put. */
export function npmFolder(folder: string): string {
  return join(folder, "npm");
}

/** Where Debian's packages are unpacked; they are not installed. */
export function debianFolder(folder: string): string {
  return join(folder, "debian");
}

/** Fetches the peers into a folder, where they stay: this project does not depend on them. Gives what could not be had, and why. */
export async function fetchPeers(folder: string): Promise<string[]> {
  const failures: string[] = [];
  const ways = {
    npm: fetchNpm,
    Debian: fetchDebian,
    VictoriaLogs: fetchVictoriaLogs,
    Collector: prepareCollector,
  };
  for (const [name, fetch] of Object.entries(ways)) {
    await fetch(folder).catch((error: unknown) => failures.push(`${name}: ${reasonOf(error)}`));
  }
  return failures;
}

async function fetchNpm(folder: string): Promise<void> {
  await mkdir(npmFolder(folder), { recursive: true });
  const quiet = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts"];
  await run("npm", ["install", "--prefix", npmFolder(folder), ...quiet, ...fromNpm]);
}

async function fetchDebian(folder: string): Promise<void> {
  const packages = join(folder, "packages");
  await mkdir(packages, { recursive: true });
  await run("apt-get", ["download", ...fromDebian], { cwd: packages });
  for (const name of await readdir(packages)) {
    await run("dpkg", ["-x", join(packages, name), debianFolder(folder)]);
  }
}

/** Among the clients of the tests, which stay where those look for them. */
async function prepareCollector(): Promise<void> {
  await run(join(import.meta.dirname, "../../.ci/debian-clients"));
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}
