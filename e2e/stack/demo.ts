import { spawn } from "node:child_process";
import { once } from "node:events";

import { childEnvironment } from "#lib/config/environment.ts";

import type { Stack } from "./stack.ts";

/** Fills the past hour with demo traffic, as `npm run demo` does, and stops it. */
export async function startDemo({ ingestUrl }: Stack): Promise<void> {
  const words = ["demo", "--url", ingestUrl, "--seed", "1", "--rate", "15", "--for", "12"];
  const child = spawn(process.execPath, ["bin/viascope.ts", ...words], {
    env: childEnvironment({ NODE_ENV: "production" }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`The demo ended with ${String(code)}.`);
}
