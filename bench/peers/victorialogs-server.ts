import { type ChildProcess, spawn } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { ended } from "./host-peer.ts";
import type { PeerServer } from "./measure-server.ts";

const lookMs = 500;
const patienceMs = 120_000;
/** As `du` counts. */
const blockBytes = 512;
const countAnswer = z.object({ records: z.coerce.number() });

/** Runs VictoriaLogs with its own defaults on a free port while something is done with it. */
export async function withVictoriaLogs<Result>(
  binary: string,
  data: string,
  use: (server: PeerServer) => Promise<Result>,
): Promise<Result> {
  const words = [
    `-storageDataPath=${data}`,
    "-httpListenAddr=127.0.0.1:0",
    // It closes connections every two minutes, for balancers that are not here.
    "-http.connTimeout=0",
  ];
  const child = spawn(binary, words, {
    env: { NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    const port = await portOf(child);
    return await use({
      port,
      processes: [child.pid ?? 0],
      postgresProcess: null,
      written: () => until(port, /^vl_storage_rows\{type="storage\/inmemory"\}/),
      async holding() {
        await until(port, /^vl_active_merges\{/);
        return { records: await countOf(port), bytes: await bytesIn(data) };
      },
    });
  } finally {
    await ended(child);
  }
}

/** It tells where it listens in its log, whose warnings are passed on. */
function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`VictoriaLogs ended with ${code}`)));
    if (child.stderr === null) return;
    createInterface(child.stderr).on("line", (line) => {
      const [, port] = /started server at http:\/\/127\.0\.0\.1:(\d+)\//.exec(line) ?? [];
      if (port !== undefined) resolve(Number(port));
      if (!line.includes("\tinfo\t")) process.stderr.write(`${line}\n`);
    });
  });
}

/** Waits until those of its metrics are zero. */
async function until(port: number, metrics: RegExp): Promise<void> {
  for (const begunMs = Date.now(); Date.now() - begunMs < patienceMs; await sleep(lookMs)) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const lines = (await answer.text()).split("\n").filter((line) => metrics.test(line));
    if (lines.length > 0 && lines.every((line) => line.endsWith(" 0"))) return;
  }
  throw new Error(`VictoriaLogs does not settle: ${metrics.source}`);
}

async function countOf(port: number): Promise<number> {
  const query = encodeURIComponent("* | count() as records");
  const answer = await fetch(`http://127.0.0.1:${port}/select/logsql/query?query=${query}`);
  return countAnswer.parse(await answer.json()).records;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const stats = await Promise.all(entries.map((entry) => lstat(join(folder, entry))));
  return stats.reduce((sum, { blocks }) => sum + blocks * blockBytes, 0);
}
