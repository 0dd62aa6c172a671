import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { z } from "zod";

import { sendOverHttp } from "../load/http-sender.ts";
import { LineBodies } from "../load/lines.ts";
import { otlpRequests } from "../load/otlp.ts";
import { Random } from "../load/random.ts";
import { quantile, type Figures } from "../run/figures.ts";
import type { Peer, PeerRun } from "./peer.ts";
import type { Holding } from "./serve-batches.ts";
import { Watch } from "./watch.ts";

const mebibyte = 1024 * 1024;
const holdingAnswer = z.object({ records: z.number(), bytes: z.number() });
const readyMessage = z.object({ port: z.number() });

/** A host in a process of its own. */
export interface Host {
  readonly module: "chdb-host.ts" | "jsonb-host.ts";
  readonly parameters: readonly string[];
  /** A Postgres that works for it. */
  readonly postgresProcess: number | null;
}

/** Sends to a host what a scenario of `bench/ingest.ts` sends to Viascope, and tells what came of it. */
export async function measureHost(
  kind: Peer["kind"],
  { seconds, seed }: PeerRun,
  { module, parameters, postgresProcess }: Host,
): Promise<Figures> {
  const child = fork(join(import.meta.dirname, module), [...parameters]);
  try {
    const port = await portOf(child);
    const watch = new Watch(child.pid ?? 0, postgresProcess);
    const begunMs = Date.now();
    const { bodies, recordsPerRequest } = loads[kind](new Random(seed));
    const sent = await sendOverHttp({
      port,
      path: "/",
      headers: {},
      connections: 32,
      streams: 1,
      untilMs: begunMs + seconds * 1000,
      bodies,
    });
    const took = (Date.now() - begunMs) / 1000;
    const used = watch.used();
    const records = (sent.requests - sent.refused) * recordsPerRequest;
    const held = await holdingOf(port);
    return {
      recordsPerSecond: records / took,
      storedShare: held.records / records,
      refusedRequests: sent.refused,
      answerMsP50: quantile(sent.latenciesMs, 0.5),
      answerMsP99: quantile(sent.latenciesMs, 0.99),
      cpuUsPerRecord: (used.cpuSeconds * 1e6) / records,
      memoryMib: used.memoryBytesMax / mebibyte,
      diskBytesPerRecord: held.bytes / records,
    };
  } finally {
    await ended(child);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

async function holdingOf(port: number): Promise<Holding> {
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  return holdingAnswer.parse(await answer.json());
}

/** What `otlp-512` and `nginx-json` send. */
const loads = {
  spans: (random: Random) => ({
    bodies: otlpRequests("pair", 512, random),
    recordsPerRequest: 512,
  }),
  lines: (random: Random) => ({
    bodies: () => new LineBodies("json", 1000, random),
    recordsPerRequest: 1000,
  }),
} as const;

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the peer's host ended with ${code}`)));
    child.once("message", (message) => resolve(readyMessage.parse(message).port));
  });
}
