import { migrationState } from "#lib/db/migration-state.ts";
import { openDatabase, type Database } from "#lib/db/open.ts";
import { accessBy } from "#lib/receive/access.ts";
import { createGrpcReceiver, type GrpcReceiverOptions } from "#lib/receive/grpc-receiver.ts";
import {
  createReceiver,
  heldBytesOf,
  type Receiver,
  type ReceiverLimits,
} from "#lib/receive/receiver.ts";
import { allowedSenders } from "#lib/receive/syslog-allowed.ts";
import { createSyslogReceiver } from "#lib/receive/syslog-receiver.ts";
import { log } from "#lib/telemetry/log.ts";
import { metrics } from "#lib/telemetry/metrics.ts";

import { currentProject } from "./current-project.ts";
import { openIngest } from "./ingest.ts";
import type { SignalKeptMs } from "./ingest/intake.ts";
import { Senders } from "./ingest/senders.ts";
import { Siblings, type Channel } from "./ingest/siblings.ts";
import { Spool } from "./ingest/spool/spool.ts";
import { StoredTokens } from "./ingest/stored-tokens.ts";
import { SyslogStore } from "./ingest/syslog-store.ts";
import { readTlsKeys } from "./ingest/tls-keys.ts";
import { listenProblemOf } from "./listen.ts";
import { ProcessReport } from "./process-report.ts";
import type { RoleSettings, RunningRole } from "./role.ts";

const dayMs = 86_400_000;
const mebibyte = 1024 * 1024;

/** Design §3.8: a sender waits up to 5 s for room, and is told to come back after that. */
const heldLimits = {
  heldBytesSoft: 96 * mebibyte,
  heldBytesHard: 192 * mebibyte,
  holdMsMax: 5_000,
};

/** How long messages of syslog, whose senders are told nothing, may wait for the database at the end. */
const stopMsMax = 5_000;

/** Takes in OTLP and access logs, and answers once they are committed. */
export async function runIngestRole(settings: RoleSettings): Promise<RunningRole> {
  const database = await openDatabase({
    url: settings.databaseUrl,
    // Two writers, a connection each for new names and partitions, and the replay of a spool.
    poolSize: 5,
    applicationName: "viascope-ingest",
    mayBeAway: settings.spoolDir !== null,
  });
  const spool = await openSpool(settings);
  const project = await currentProject();
  const book = new StoredTokens(database);
  const siblings = new Siblings(supervisor, book, metrics);
  const senders = new Senders(database, project, metrics);
  const ingest = await openIngest(database, {
    project,
    senders,
    spool,
    metrics,
    keptMs: keptMsOf(settings),
    seriesMax: settings.metricSeriesMax,
  });
  const store = new SyslogStore({
    project,
    accessLogs: ingest.intake.accessLogs.bind(ingest.intake),
    metrics,
    nowMs: Date.now,
  });
  const limits = { bodyBytesMax: settings.bodyBytesMax, ...heldLimits };
  const common = {
    intake: ingest.intake,
    host: settings.host,
    reusePort: settings.ingestProcesses > 1,
    tls: await readTlsKeys(settings.tlsFiles),
    limits,
    // One budget for both listeners: the memory is one.
    held: heldBytesOf(limits),
    access: accessBy({ token: settings.ingestToken, project, book }),
    metrics,
    metricsText: () => siblings.metricsText(),
    onError: (error: unknown) => log.error({ err: error }, "a request failed"),
  };
  const listeners = [
    httpListener(settings, common, () => isReady(database, spool)),
    grpcListener(settings, common),
    syslogListener(settings, store, common),
  ];
  const report = new ProcessReport(database, "ingest", metrics).start();
  return {
    ports: await openAll(listeners, settings.host),
    async stop() {
      siblings.close();
      await Promise.all(listeners.map(({ receiver }) => receiver.close()));
      await store.close(stopMsMax);
      await ingest.drained();
      await Promise.all([book.close(), senders.close(), report.stop()]);
      await database.close();
    },
  };
}

const supervisor: Channel = {
  on: (event, listener) => void process.on(event, listener),
  send(report) {
    // When the supervisor is gone this process ends, too.
    if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
  },
};

function keptMsOf({ retention }: RoleSettings): SignalKeptMs {
  const { traces, accessLogs, logs, metrics: points } = retention;
  return {
    traces: traces * dayMs,
    accessLogs: accessLogs * dayMs,
    logs: logs * dayMs,
    metrics: points * dayMs,
  };
}

interface Listener {
  readonly receiver: Receiver;
  readonly port: number;
  /** The setting of its port. */
  readonly variable: string;
}

/** What the listeners share. */
type Common = Omit<GrpcReceiverOptions, "port"> & { readonly limits: ReceiverLimits };

function httpListener(
  { otlpHttpPort: port, corsOrigins }: RoleSettings,
  common: Common,
  ready: () => Promise<boolean>,
): Listener {
  const receiver = createReceiver({ ...common, port, corsOrigins, ready });
  return { receiver, port, variable: "VIASCOPE_OTLP_HTTP_PORT" };
}

function grpcListener({ otlpGrpcPort: port }: RoleSettings, common: Common): Listener {
  const receiver = createGrpcReceiver({ ...common, port });
  return { receiver, port, variable: "VIASCOPE_OTLP_GRPC_PORT" };
}

function syslogListener(
  { host, syslogPort: port, syslogAllow, ingestProcesses }: RoleSettings,
  sink: SyslogStore,
  { tls = null, onError }: Common,
): Listener {
  const isAllowed = allowedSenders(syslogAllow);
  const reusePort = ingestProcesses > 1;
  const options = { host, port, reusePort, tls, isAllowed, sink, metrics, onError };
  return { receiver: createSyslogReceiver(options), port, variable: "VIASCOPE_SYSLOG_PORT" };
}

/** The ports that the listeners got. */
async function openAll(
  listeners: readonly Listener[],
  host: string,
): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const { receiver, port, variable } of listeners) {
    const opened = await receiver.listen().catch((error: unknown) => {
      throw listenProblemOf(error, { host, port, variable });
    });
    ports[variable] = opened.port;
  }
  return ports;
}

function openSpool({ spoolDir, spoolBytesMax }: RoleSettings): Promise<Spool | null> {
  if (spoolDir === null) return Promise.resolve(null);
  return Spool.open({ folder: spoolDir, bytesMax: spoolBytesMax }, metrics);
}

/** With a spool, requests are taken while the database is away, too. */
async function isReady(database: Database, spool: Spool | null): Promise<boolean> {
  const state = await migrationState(database).catch(() => null);
  return state === "current" || (state === null && spool !== null);
}
