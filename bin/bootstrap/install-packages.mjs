import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { checkout, node24, say } from "./checkout.mjs";

/** Installs the packages of package-lock.json unless exactly they are there. */
export function installPackages() {
  if (isInstalled()) return;
  say("installing packages; the first start takes two or three minutes …");
  // Not `npm ci`: the lock file lacks the binaries of other platforms, which are optional and pinned by their parents,
  // and `ci` refuses it for that. `--no-save` keeps the lock file as it is.
  const result = spawnSync(
    "npm",
    ["install", "--no-save", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"],
    {
      cwd: checkout,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
      // An engine that is given is an engine that Prisma's install script does not download.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    },
  );
  if (result.status !== 0 || !existsSync(node24)) {
    throw new Error(
      "The packages could not be installed: mend what npm reports above, then start again.",
    );
  }
}

/** Compares npm's own note of what is installed with the lock file, package by package. */
function isInstalled() {
  if (!existsSync(node24)) return false;
  const wanted = packagesOf("package-lock.json");
  const installed = packagesOf("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === "") return true;
    const found = installed[path];
    if (found === undefined) return [optional, devOptional, peer].includes(true);
    return found.version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(checkout, file), "utf8")).packages;
  } catch {
    return {};
  }
}
