import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { z } from "zod";

import type { PeerServer } from "./measure-server.ts";
import type { Holding } from "./serve-batches.ts";

const holdingAnswer = z.object({ records: z.number(), bytes: z.number() });
const readyMessage = z.object({ port: z.number() });

/** A host in a process of its own. */
export interface Host {
  readonly module: "chdb-host.ts" | "jsonb-host.ts";
  readonly parameters: readonly string[];
  /** A Postgres that works for it. */
  readonly postgresProcess: number | null;
}

/** Runs a host while something is done with it. */
export async function withHost<Result>(
  { module, parameters, postgresProcess }: Host,
  use: (server: PeerServer) => Promise<Result>,
): Promise<Result> {
  const child = fork(join(import.meta.dirname, module), [...parameters]);
  try {
    const port = await portOf(child);
    return await use({
      port,
      processes: [child.pid ?? 0],
      postgresProcess,
      // Before it answers.
      written: () => Promise.resolve(),
      holding: () => holdingOf(port),
    });
  } finally {
    await ended(child);
  }
}

/** Ends a process that is still there. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

async function holdingOf(port: number): Promise<Holding> {
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  return holdingAnswer.parse(await answer.json());
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the peer's host ended with ${code}`)));
    child.once("message", (message) => resolve(readyMessage.parse(message).port));
  });
}
