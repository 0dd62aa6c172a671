import { spawn } from "node:child_process";
import { join } from "node:path";

import { checkout, compileCache, node24 } from "./checkout.mjs";
import { optionsOf } from "./role-options.mjs";

/** Runs a script of this checkout on Node 24 and ends as it ends. */
export async function handOver([script, ...args], mode) {
  const { nodeOptions, environment } = optionsOf(args[0]);
  const command = [...nodeOptions, join(checkout, script), ...args];
  const env = {
    ...environment,
    ...process.env,
    NODE_COMPILE_CACHE: compileCache,
    NODE_ENV: process.env.NODE_ENV || mode,
    // Playwright would keep it in the system's folder for temporary files, and leave it there.
    PWTEST_CACHE_DIR: join(compileCache, "playwright"),
    PATH: `${join(checkout, "node_modules/.bin")}:${process.env.PATH}`,
  };
  process.exitCode = await runAndWait(command, env);
}

function runAndWait(command, env) {
  // The channel tells the child when this process is killed; signals of the terminal reach both.
  const child = spawn(node24, command, { env, stdio: ["inherit", "inherit", "inherit", "ipc"] });
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event !== undefined) endWithParent(child);
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal === null ? code : 1));
  });
}

/** When npm is killed the system gives us another parent. */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = () => process.ppid === parent || child.kill("SIGTERM");
  setInterval(watch, 1_000).unref();
}
