import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { scenarios } from "./load/scenarios.ts";
import { medianOf, shown, tableOf, type Figures } from "./run/figures.ts";
import { measure } from "./run/measure.ts";

/**
 * Records acknowledged per second after their durable commit, with everything on, and what each costs.
 *   npm run bench:ingest -- --scenario otlp-512,nginx-text --seconds 60 --runs 3 --read --json figures.json
 * The client and Postgres (durable as in production) run on the same cores. With --read every run is made twice, without
 * and with somebody who looks at the dashboard, so that the load of both is that of the same minutes.
 */
const { values } = parseArgs({
  options: {
    /** Names, separated by commas, or "all". */
    scenario: { type: "string", default: "otlp-512" },
    seconds: { type: "string", default: "20" },
    runs: { type: "string", default: "3" },
    /** Connections of the client, where the scenario's own are not wanted. */
    connections: { type: "string" },
    /** Processes of ingest that share a port. */
    processes: { type: "string", default: "1" },
    /** The web role runs, too, and its dashboard is read; needs a build. */
    read: { type: "boolean", default: false },
    /** A file for the figures of all runs. */
    json: { type: "string" },
    /** A folder for a CPU profile of ingest. */
    profile: { type: "string" },
    /** Node options of ingest, to try what they do: "--max-semi-space-size=16". */
    node: { type: "string", default: "" },
  },
});

interface Series {
  readonly scenario: string;
  readonly isRead: boolean;
  readonly loadAverageBefore: number;
  readonly loadAverageAfter: number;
  readonly runs: readonly Figures[];
  readonly median: Figures;
}

if (values.read && !existsSync(".next/BUILD_ID")) {
  throw new Error("--read needs the pages: npm run build");
}
const all: Series[] = [];
for (const name of values.scenario === "all"
  ? Object.keys(scenarios)
  : values.scenario.split(",")) {
  for (const series of await seriesOf(name)) {
    all.push(series);
    const title = `${name}${series.isRead ? ", while the dashboard is read" : ""}`;
    const loads = `${shown(series.loadAverageBefore)} before, ${shown(series.loadAverageAfter)} after`;
    print(
      `${title}: median of ${series.runs.length} runs (lowest to highest), load average ${loads}`,
    );
    print(tableOf(series.runs));
  }
}
if (values.json !== undefined) {
  const machine = { cores: cpus().length, processor: cpus()[0]?.model, node: process.version };
  const settings = { seconds: Number(values.seconds), processes: Number(values.processes) };
  const figures = { at: new Date().toISOString(), machine, settings, series: all };
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}

/** The runs of a scenario; those that are read alternate with those that are not. */
async function seriesOf(name: string): Promise<Series[]> {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    throw new Error(`--scenario is one of ${Object.keys(scenarios).join(", ")}, or all`);
  }
  const connections = Number(values.connections ?? scenario.connections);
  const kinds = values.read ? [false, true] : [false];
  const runs = kinds.map((isRead) => ({ isRead, figures: [] as Figures[] }));
  const loadAverageBefore = loadAverage();
  for (let seed = 1; seed <= Number(values.runs); seed += 1) {
    for (const { isRead, figures } of runs) {
      const run = await measure({
        scenario: { ...scenario, connections },
        seconds: Number(values.seconds),
        seed,
        isRead,
        withWeb: values.read,
        ingestProcesses: Number(values.processes),
        ingestNodeOptions: ingestOptions(),
      });
      figures.push(run);
      print(
        `${name}, run ${seed}${isRead ? ", read" : ""}: ${shown(run["recordsPerSecond"] ?? 0)} records/s`,
      );
    }
  }
  const loads = { loadAverageBefore, loadAverageAfter: loadAverage() };
  return runs.map(({ isRead, figures }) => ({
    scenario: name,
    isRead,
    ...loads,
    runs: figures,
    median: medianOf(figures),
  }));
}

function ingestOptions(): string[] {
  const tried = values.node.split(" ").filter((option) => option !== "");
  if (values.profile === undefined) return tried;
  return [...tried, "--cpu-prof", `--cpu-prof-dir=${values.profile}`];
}

/** Of the last minute: below 1 before the bench, nobody else was at work. */
function loadAverage(): number {
  return loadavg()[0] ?? 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
