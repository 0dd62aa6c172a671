import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

import { childEnvironment } from "#lib/config/environment.ts";

import type { Stack } from "./stack.ts";

/** Fills the past hour with demo traffic, as `npm run demo` does, and stops it. */
export async function startDemo(stack: Stack): Promise<void> {
  const [code] = await once(demoOf(stack, ["--for", "12"]), "exit");
  if (code !== 0) throw new Error(`The demo ended with ${String(code)}.`);
}

/** Lets demo traffic run on, with incidents that are soon over; gives what stops it. */
export function runDemo(stack: Stack, incidentSeconds: number): () => Promise<void> {
  const child = demoOf(stack, ["--backfill", "30", "--incident", String(incidentSeconds)]);
  return async () => {
    if (child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  };
}

function demoOf({ ingestUrl }: Stack, more: readonly string[]): ChildProcess {
  const words = ["demo", "--url", ingestUrl, "--seed", "1", "--rate", "15", ...more];
  return spawn(process.execPath, ["bin/viascope.ts", ...words], {
    env: childEnvironment({ NODE_ENV: "production" }),
    stdio: ["ignore", "ignore", "inherit"],
  });
}
