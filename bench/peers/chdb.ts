import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { npmFolder } from "./fetch.ts";
import { measureHost } from "./host-peer.ts";
import type { Peer } from "./peer.ts";

const engine = "ClickHouse 26.7 (npm chdb 3.4.0), fsync on insert, batches of all that is waiting";

/** ClickHouse's engine, which reads the bodies itself. */
export const chdbSpans = chdb(
  "spans",
  `${engine}; reads OTLP itself into the table of OpenTelemetry's exporter; no rollups, no joining, no dedupe`,
);
export const chdbLines = chdb(
  "lines",
  `${engine}; reads the JSON lines into typed columns; no rollups, no dedupe`,
);

function chdb(kind: Peer["kind"], note: string): Peer {
  return {
    name: "clickhouse",
    kind,
    note,
    missing: (folder) =>
      existsSync(join(npmFolder(folder), "node_modules/chdb")) ? null : "npm's chdb is not there",
    async measure(run) {
      const data = await mkdtemp(join(tmpdir(), "viascope-peer-"));
      try {
        const parameters = [npmFolder(run.folder), data, kind];
        return await measureHost(kind, run, {
          module: "chdb-host.ts",
          parameters,
          postgresProcess: null,
        });
      } finally {
        await rm(data, { recursive: true, force: true });
      }
    },
  };
}
