import { scenarios } from "../load/scenarios.ts";
import type { Figures } from "../run/figures.ts";
import { measure } from "../run/measure.ts";
import type { Peer } from "./peer.ts";

/** Ourselves, in the same minutes and with the same data. */
export const viascopeSpans = viascope("spans", "otlp-512", 1);
/** As the others, which have threads: for both cores. */
export const viascopeTwiceSpans = viascope("spans", "otlp-512", 2);
export const viascopeLines = viascope("lines", "nginx-json", 1);
export const viascopeTwiceLines = viascope("lines", "nginx-json", 2);

function viascope(kind: Peer["kind"], scenarioName: string, ingestProcesses: number): Peer {
  return {
    name: ingestProcesses === 1 ? "viascope" : `viascope-${ingestProcesses}`,
    kind,
    note: `${scenarioName} of bench/ingest.ts: ${ingestProcesses} of ingest, worker and Postgres; with rollups, joining and dedupe`,
    missing: () => null,
    async measure({ seconds, seed }) {
      const scenario = scenarios[scenarioName];
      if (scenario === undefined) throw new Error(`there is no scenario ${scenarioName}`);
      const stack = { withWeb: false, ingestProcesses, ingestNodeOptions: [] };
      return together(await measure({ scenario, seconds, seed, isRead: false, ...stack }));
    },
  };
}

/** All parts but the client as one program, as the others are looked at. */
function together(figures: Figures): Figures {
  const sum = (names: readonly string[]): number =>
    names.reduce((total, name) => total + (figures[name] ?? 0), 0);
  const same = ["recordsPerSecond", "storedShare", "refusedRequests", "answerMsP50", "answerMsP99"];
  return {
    ...Object.fromEntries(same.map((name) => [name, figures[name] ?? 0])),
    cpuUsPerRecord: sum(["ingest", "worker", "postgres"].map((part) => `cpuUsPerRecord.${part}`)),
    memoryMib: sum(["rssMib.allRoles", "pssMib.postgres"]),
    diskBytesPerRecord: sum(["diskBytesPerRecord.total"]),
  };
}
