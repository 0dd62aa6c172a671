import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { childEnvironment } from "#lib/config/environment.ts";

export interface Stack {
  readonly webUrl: string;
  readonly ingestUrl: string;
  /** The supervisor. */
  readonly processId: number;
  /** Stops every process and removes the data. */
  stop(): Promise<void>;
}

/** Starts all of Viascope as an operator does, on free ports and a data folder of its own. */
export async function startStack(settings: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), "viascope-e2e-"));
  const child = spawn(process.execPath, ["bin/viascope.ts", "start"], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: childEnvironment({
      ...anyPort,
      DATABASE_URL: "",
      NODE_ENV: "production",
      VIASCOPE_DATA_DIR: dataDir,
      VIASCOPE_LOG_LEVEL: "warn",
      ...settings,
    }),
  });
  const stop = async () => {
    await ended(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    return { ...(await addressesOf(child)), processId: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const anyPort = {
  PORT: "0",
  VIASCOPE_OTLP_HTTP_PORT: "0",
  VIASCOPE_OTLP_GRPC_PORT: "0",
  VIASCOPE_SYSLOG_PORT: "0",
  VIASCOPE_WORKER_PORT: "0",
};

/** Reads what the start prints: where to look and where to send. */
function addressesOf(child: ChildProcess): Promise<{ webUrl: string; ingestUrl: string }> {
  let output = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const webUrl = /Look\s+(http\S+)/.exec(output)?.[1];
      const ingestUrl = /Send\s+(http\S+)\/v1\/traces/.exec(output)?.[1];
      if (webUrl !== undefined && ingestUrl !== undefined) resolve({ webUrl, ingestUrl });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", () => reject(new Error(`Viascope did not start:\n${output}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await gone;
}
