import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { LineBodies } from "../load/lines.ts";
import { Random } from "../load/random.ts";
import type { Figures } from "../run/figures.ts";
import { debianFolder } from "./fetch.ts";
import type { Peer } from "./peer.ts";
import { Watch } from "./watch.ts";

const mebibyte = 1024 * 1024;
const linesPerBody = 1000;
/** About what it reads in a second. */
const linesPerSecond = 25_000;
const reportOf = z.object({ general: z.object({ valid_requests: z.number() }) });
const format = '%h - - [%d:%t %^] "%r" %s %b "%R" "%u" rt=%T ua="%^" us="%^" urt="%^" cs=%C';

/** GoAccess reads the text lines from a file: it takes nothing over the network. */
export const goaccess: Peer = {
  name: "goaccess",
  kind: "lines",
  note: "GoAccess 1.7 (Debian), nginx text lines from a file with --persist; keeps counters only, no lines and no percentiles; nothing is acknowledged, nothing is durable before its end",
  missing: (folder) => (existsSync(binaryIn(folder)) ? null : "Debian's goaccess is not there"),
  async measure({ folder, seconds, seed }) {
    const data = await mkdtemp(join(tmpdir(), "viascope-peer-"));
    try {
      const lines = Math.ceil((seconds * linesPerSecond) / linesPerBody) * linesPerBody;
      await writeLines(join(data, "access.log"), lines, new Random(seed));
      return await read(folder, data, lines);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  },
};

async function writeLines(path: string, lines: number, random: Random): Promise<void> {
  const file = await open(path, "w");
  const bodies = new LineBodies("text", linesPerBody, random);
  for (let written = 0; written < lines; written += linesPerBody)
    await file.write(bodies.next(Date.now()));
  await file.close();
}

async function read(folder: string, data: string, lines: number): Promise<Figures> {
  const words = [
    join(data, "access.log"),
    "--no-global-config",
    `--log-format=${format}`,
    "--date-format=%d/%b/%Y",
    "--time-format=%H:%M:%S",
    "--persist",
    `--db-path=${data}`,
    "--no-progress",
    "-o",
    join(data, "report.json"),
  ];
  const begunMs = Date.now();
  const child = spawn(binaryIn(folder), words, {
    env: { NODE_ENV: "production", PATH: "/usr/bin", LD_LIBRARY_PATH: librariesIn(folder) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const watch = new Watch([child.pid ?? 0], null);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  const seconds = (Date.now() - begunMs) / 1000;
  const used = watch.used();
  if (code !== 0) throw new Error(`goaccess ended with ${String(code)}`);
  const report = reportOf.parse(JSON.parse(await readFile(join(data, "report.json"), "utf8")));
  return {
    recordsPerSecond: lines / seconds,
    storedShare: report.general.valid_requests / lines,
    cpuUsPerRecord: (used.cpuSeconds * 1e6) / lines,
    memoryMib: used.memoryBytesMax / mebibyte,
    diskBytesPerRecord: bytesIn(data) / lines,
  };
}

/** Of what it persists, some files for each of its panels. */
function bytesIn(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".db"))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function binaryIn(folder: string): string {
  return join(debianFolder(folder), "usr/bin/goaccess");
}

function librariesIn(folder: string): string {
  return join(debianFolder(folder), "usr/lib/x86_64-linux-gnu");
}
