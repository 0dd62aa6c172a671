import { spawnSync } from "node:child_process";

import { checkout, compileCache, digestOf, isStamped, node24, stamp } from "./checkout.mjs";

const stampFile = "node_modules/.cache/viascope-compiled/.stamp";
const roles = ["supervise", "role-process", "ingest-role", "worker-role", "web-role"];

/** Loads every role once when sources changed, so that Node keeps their compiled form for the real start. */
export function compileRoles() {
  const digest = digestOf(["lib", "package-lock.json"], (path) => !/\.test\.tsx?$/.test(path));
  if (isStamped(stampFile, digest)) return;
  const load = roles.map((role) => `await import("./lib/run/${role}.ts");`).join("");
  const result = spawnSync(node24, ["--input-type=module", "--eval", `${load} process.exit();`], {
    cwd: checkout,
    stdio: "ignore",
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, NODE_ENV: "production" },
  });
  // Without it everything works as well, only with more memory; what is wrong shows when the role itself starts.
  if (result.status === 0) stamp(stampFile, digest);
}
