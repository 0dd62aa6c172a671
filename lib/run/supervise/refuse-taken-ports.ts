import { once } from "node:events";
import { createServer } from "node:net";

import type { Settings } from "#lib/config/settings.ts";

import { listen } from "../listen.ts";

/**
 * Throws a StartProblem when another program listens on a port of ingest. Processes that share a port are not told of
 * that themselves: the system would deal connections out to the other program as well.
 */
export async function refuseTakenPorts({
  host,
  otlpHttpPort,
  otlpGrpcPort,
  syslogPort,
}: Pick<Settings, "host" | "otlpHttpPort" | "otlpGrpcPort" | "syslogPort">): Promise<void> {
  await refuseTaken(host, otlpHttpPort, "VIASCOPE_OTLP_HTTP_PORT");
  await refuseTaken(host, otlpGrpcPort, "VIASCOPE_OTLP_GRPC_PORT");
  await refuseTaken(host, syslogPort, "VIASCOPE_SYSLOG_PORT");
}

async function refuseTaken(host: string, port: number, variable: string): Promise<void> {
  const server = createServer();
  await listen(server, { host, port, variable });
  server.close();
  await once(server, "close");
}
