import { scenarios } from "../load/scenarios.ts";
import type { Figures } from "../run/figures.ts";
import { measure } from "../run/measure.ts";
import type { Peer } from "./peer.ts";

/** Ourselves, in the same minutes and with the same data. */
export const viascopeSpans = viascope("spans", "otlp-512");
export const viascopeLines = viascope("lines", "nginx-json");

function viascope(kind: Peer["kind"], name: string): Peer {
  return {
    name: "viascope",
    kind,
    note: `${name} of bench/ingest.ts: ingest, worker and Postgres; with rollups, joining and dedupe`,
    missing: () => null,
    async measure({ seconds, seed }) {
      const scenario = scenarios[name];
      if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
      const stack = { withWeb: false, ingestProcesses: 1, ingestNodeOptions: [] };
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
