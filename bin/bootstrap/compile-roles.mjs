import { spawnSync } from "node:child_process";

import { checkout, compileCache, digestOf, isStamped, node24, stamp } from "./checkout.mjs";
import { optionsOf } from "./role-options.mjs";

const stampFile = "node_modules/.cache/viascope-compiled/.stamp";
/** A start must not wait for what only saves memory. */
const patienceMs = 60_000;
/** What each command loads. */
const modules = {
  start: ["supervise"],
  ingest: ["role-process", "ingest-role"],
  worker: ["role-process", "worker-role"],
  web: ["role-process", "web-role"],
};

/** Loads every role once when sources changed, so that Node keeps their compiled form for the real start. */
export function compileRoles() {
  const digest = digestOf(["lib", "package-lock.json"], (path) => !/\.test\.tsx?$/.test(path));
  if (isStamped(stampFile, digest)) return;
  // Without it everything works as well, only with more memory; what is wrong shows when the role itself starts.
  if (Object.entries(modules).every(([command, names]) => compile(command, names))) {
    stamp(stampFile, digest);
  }
}

/** What was compiled is taken by a process with the same options of V8 only. */
function compile(command, names) {
  const load = names.map((name) => `await import("./lib/run/${name}.ts");`).join("");
  const options = [...optionsOf(command).nodeOptions, "--input-type=module"];
  const result = spawnSync(node24, [...options, "--eval", `${load} process.exit();`], {
    cwd: checkout,
    stdio: "ignore",
    timeout: patienceMs,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, NODE_ENV: "production" },
  });
  return result.status === 0;
}
