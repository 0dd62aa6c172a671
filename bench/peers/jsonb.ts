import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbeddedPostgres } from "#lib/db/embedded.ts";

import { withHost } from "./host-peer.ts";
import { loads, measureServer } from "./measure-server.ts";
import type { Peer } from "./peer.ts";

/** The usual way to keep spans in Postgres. */
export const jsonb: Peer = {
  name: "postgres-jsonb",
  kind: "spans",
  note: "a Node server that decodes with protobufjs and COPYs a row a span, attributes as jsonb, two indexes (Postgres 18, durable); no rollups, no joining, no dedupe",
  missing: () => null,
  async measure(run) {
    const folder = await mkdtemp(join(tmpdir(), "viascope-peer-"));
    const postgres = await startEmbeddedPostgres({ folder, throwAway: true });
    try {
      const host = { parameters: [postgres.url], postgresProcess: postgres.processId };
      return await withHost({ module: "jsonb-host.ts", ...host }, (server) =>
        measureServer(server, run, loads.spans),
      );
    } finally {
      await postgres.stop();
    }
  },
};
