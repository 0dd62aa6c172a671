import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { npmFolder } from "./fetch.ts";
import { withHost } from "./host-peer.ts";
import { loads, measureServer, type PeerServer } from "./measure-server.ts";
import type { Peer, PeerRun } from "./peer.ts";

export const engine =
  "ClickHouse 26.7 (npm chdb 3.4.0), fsync on insert, batches of all that is waiting";

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
    missing: chdbMissing,
    measure: (run) => withChdb(kind, run, (server) => measureServer(server, run, loads[kind])),
  };
}

/** Why the engine cannot be run; null when it can. */
export function chdbMissing(folder: string): string | null {
  return existsSync(join(npmFolder(folder), "node_modules/chdb"))
    ? null
    : "npm's chdb is not there";
}

/** Runs the engine on an empty table while something is done with it. */
export async function withChdb<Result>(
  kind: Peer["kind"],
  { folder }: PeerRun,
  use: (server: PeerServer) => Promise<Result>,
): Promise<Result> {
  const data = await mkdtemp(join(tmpdir(), "viascope-peer-"));
  try {
    const parameters = [npmFolder(folder), data, kind];
    return await withHost({ module: "chdb-host.ts", parameters, postgresProcess: null }, use);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
