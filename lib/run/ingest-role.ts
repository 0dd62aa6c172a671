import { migrationState } from "#lib/db/migration-state.ts";
import { openDatabase } from "#lib/db/open.ts";
import { createReceiver } from "#lib/receive/receiver.ts";
import { log } from "#lib/telemetry/log.ts";
import { metrics } from "#lib/telemetry/metrics.ts";

import { currentProject } from "./current-project.ts";
import { openIngest } from "./ingest.ts";
import { listenProblemOf } from "./listen.ts";
import type { RoleSettings, RunningRole } from "./role.ts";

const dayMs = 86_400_000;
const mebibyte = 1024 * 1024;

/** Design §3.8: a sender waits up to 5 s for room, and is told to come back after that. */
const heldLimits = { heldBytesSoft: 96 * mebibyte, heldBytesHard: 192 * mebibyte, holdMsMax: 5_000 };

/** Takes in OTLP and access logs, and answers once they are committed. */
export async function runIngestRole(settings: RoleSettings): Promise<RunningRole> {
  const database = await openDatabase({
    url: settings.databaseUrl,
    // Two writers, and a connection each for new names and partitions.
    poolSize: 4,
    applicationName: "viascope-ingest",
  });
  const ingest = await openIngest(database, {
    project: await currentProject(),
    metrics,
    retentionMs: settings.retention.telemetry * dayMs,
  });
  const receiver = createReceiver({
    intake: ingest.intake,
    host: settings.host,
    port: settings.otlpHttpPort,
    limits: { bodyBytesMax: settings.bodyBytesMax, ...heldLimits },
    token: settings.ingestToken,
    metrics,
    ready: async () => (await migrationState(database)) === "current",
    onError: (error) => log.error({ err: error }, "a request failed"),
  });
  const variable = "VIASCOPE_OTLP_HTTP_PORT";
  const { port } = await receiver.listen().catch((error: unknown) => {
    throw listenProblemOf(error, { host: settings.host, port: settings.otlpHttpPort, variable });
  });
  return {
    ports: { [variable]: port },
    async stop() {
      await receiver.close();
      await ingest.drained();
      await database.close();
    },
  };
}
