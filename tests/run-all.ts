import { spawn } from "node:child_process";

import { ensureChromium } from "./chromium.ts";

/** What `npm test` does after everything is installed and built: the first step that fails ends it. */
const steps: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ["check", "npm", ["run", "--silent", "check"]],
  ["database tests", "npm", ["run", "--silent", "check:db"]],
  ["browser tests", "npm", ["run", "--silent", "e2e"]],
];

for (const [name, command, args] of steps) {
  if (name === "browser tests") ensureChromium();
  const begun = performance.now();
  const code = await run(command, args);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  process.stdout.write(`\n${code === 0 ? "passed" : "FAILED"}: ${name}, ${seconds} s\n\n`);
  if (code !== 0) process.exit(1);
}

/** A signal reaches the step too, which ends its own children before we end. */
function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit" });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("SIGINT", pass).off("SIGTERM", pass);
      resolve(code ?? 1);
    });
  });
}
