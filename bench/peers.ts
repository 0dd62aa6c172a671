import { mkdir, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { chdbLines, chdbSpans } from "./peers/chdb.ts";
import { collectorSpans } from "./peers/collector.ts";
import { fetchPeers } from "./peers/fetch.ts";
import { goaccess } from "./peers/goaccess.ts";
import { jsonb } from "./peers/jsonb.ts";
import type { Peer } from "./peers/peer.ts";
import {
  viascopeLines,
  viascopeSpans,
  viascopeTwiceLines,
  viascopeTwiceSpans,
} from "./peers/viascope.ts";
import { victoriaLogsLines, victoriaLogsSpans } from "./peers/victorialogs.ts";
import { medianOf, shown, type Figures } from "./run/figures.ts";

/**
 * Other programs that keep spans or lines, given what Viascope is given, by the same client on the same cores, in turns.
 *   node bench/peers.ts --fetch --seconds 20 --runs 3 --json peers.json
 * What is not there is left out and named. A record counts when it was acknowledged; most do that when it is on the disk.
 */
const { values } = parseArgs({
  options: {
    /** Where peers are, and are fetched to. */
    folder: { type: "string", default: join(tmpdir(), "viascope-peers") },
    /** Fetches them first, from npm and Debian; VictoriaLogs is built. */
    fetch: { type: "boolean", default: false },
    seconds: { type: "string", default: "20" },
    runs: { type: "string", default: "3" },
    /** Names, separated by commas. */
    only: { type: "string" },
    json: { type: "string" },
  },
});

const peers = [
  viascopeSpans,
  viascopeTwiceSpans,
  chdbSpans,
  victoriaLogsSpans,
  collectorSpans,
  jsonb,
  viascopeLines,
  viascopeTwiceLines,
  chdbLines,
  victoriaLogsLines,
  goaccess,
];
const columns = [
  "recordsPerSecond",
  "cpuUsPerRecord",
  "memoryMib",
  "diskBytesPerRecord",
  "answerMsP50",
  "answerMsP99",
  "storedShare",
];

if (values.fetch) {
  await mkdir(values.folder, { recursive: true });
  for (const failure of await fetchPeers(values.folder)) print(`not fetched: ${failure}`);
}
const chosen = peers.filter(({ name }) => values.only?.split(",").includes(name) ?? true);
const here = chosen.filter((peer) => {
  const reason = peer.missing(values.folder);
  if (reason !== null) print(`left out: ${peer.name} for ${peer.kind}: ${reason} (--fetch)`);
  return reason === null;
});
const runs = new Map<Peer, Figures[]>(here.map((peer) => [peer, []]));
const loadAverages = [loadAverage()];
for (let seed = 1; seed <= Number(values.runs); seed += 1) {
  for (const [peer, figures] of runs) {
    const run = { folder: values.folder, seconds: Number(values.seconds), seed };
    figures.push(await peer.measure(run));
    loadAverages.push(loadAverage());
    print(
      `${peer.name}, ${peer.kind}, run ${seed}: ${shown(figures.at(-1)?.["recordsPerSecond"] ?? 0)} records/s`,
    );
  }
}
report();
if (values.json !== undefined) {
  const results = [...runs].map(([{ name, kind, note }, figures]) => ({
    name,
    kind,
    note,
    runs: figures,
  }));
  const text = JSON.stringify({ at: new Date().toISOString(), loadAverages, results }, null, 2);
  await writeFile(values.json, `${text}\n`);
}

/** The medians as a table for docs/performance.md, and how ours stands to each other. */
function report(): void {
  const loads = `${shown(Math.min(...loadAverages))} to ${shown(Math.max(...loadAverages))}`;
  print(`\nMedian of ${values.runs} runs of ${values.seconds} s, load average ${loads}\n`);
  print(`| for | program | ${columns.join(" | ")} |`);
  print(`|---|---|${columns.map(() => "---").join("|")}|`);
  for (const [{ name, kind }, figures] of runs) {
    const median = medianOf(figures);
    const cells = columns.map((column) => {
      const value = median[column];
      return value === undefined ? "" : shown(value);
    });
    print(`| ${kind} | ${name} | ${cells.join(" | ")} |`);
  }
  for (const [{ name, kind, note }] of runs) print(`\n${name} for ${kind}: ${note}`);
  for (const kind of ["spans", "lines"] as const) ratiosOf(kind).forEach(print);
}

/** How each of ours stands to each other: by the rate, and by the CPU, which depends less on who else is at work. */
function ratiosOf(kind: Peer["kind"]): string[] {
  const medians = [...runs]
    .filter(([peer]) => peer.kind === kind)
    .map(([{ name }, figures]) => ({ name, median: medianOf(figures) }));
  const others = medians.filter((one) => !isOurs(one));
  return medians.filter(isOurs).map((own) => {
    const compared = others.map(({ name, median }) => {
      const ratio = (figure: string): string =>
        shown((own.median[figure] ?? 0) / (median[figure] ?? 0));
      return `${ratio("recordsPerSecond")} times the rate of ${name} at ${ratio("cpuUsPerRecord")} times its CPU a record`;
    });
    return `\n${kind}, ${own.name}: ${compared.join("; ") || "nothing to compare with"}`;
  });
}

function isOurs({ name }: { readonly name: string }): boolean {
  return name.startsWith("viascope");
}

/** Of the last minute. */
function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
