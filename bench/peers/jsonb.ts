import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbeddedPostgres } from "#lib/db/embedded.ts";

import { measureHost } from "./host-peer.ts";
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
      return await measureHost("spans", run, {
        module: "jsonb-host.ts",
        parameters: [postgres.url],
        postgresProcess: postgres.processId,
      });
    } finally {
      await postgres.stop();
    }
  },
};
