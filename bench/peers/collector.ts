import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { collector } from "#tests/postgres/sources/debian-clients.ts";
import { freePort } from "#tests/postgres/sources/origin.ts";
import { beside } from "#tests/postgres/sources/program.ts";

import { chdbMissing, engine, withChdb } from "./chdb.ts";
import { loads, measureServer } from "./measure-server.ts";
import type { Peer } from "./peer.ts";

/** The way that products on ClickHouse are built: a Collector takes what is sent, and writes it to the engine. */
export const collectorSpans: Peer = {
  name: "collector-clickhouse",
  kind: "spans",
  note: `OpenTelemetry's Collector in front of ${engine}; hands on each request as OTLP, without a queue of its own, and answers when it is on the disk`,
  missing: (folder) =>
    existsSync(collector) ? chdbMissing(folder) : "the Collector is not prepared",
  measure: (run) =>
    withChdb("spans", run, (engineServer) =>
      besideCollector(engineServer.port, (port, process) =>
        measureServer(
          { ...engineServer, port, processes: [process, ...engineServer.processes] },
          run,
          { ...loads.spans, path: "/v1/traces", headers: otlp },
        ),
      ),
    ),
};

const otlp = { "content-type": "application/x-protobuf" };

/** Runs the Collector with an exporter to a port while something is done with it. */
async function besideCollector<Result>(
  to: number,
  use: (port: number, process: number) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "viascope-peer-"));
  try {
    const port = await freePort();
    const file = join(folder, "collector.yaml");
    await writeFile(file, configurationOf(port, to));
    const run = { program: collector, words: ["--config", file], folder, port };
    return await beside(run, (process) => use(port, process));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configurationOf(port: number, to: number): string {
  return `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters:
  otlphttp:
    traces_endpoint: "http://127.0.0.1:${to}/"
    compression: none
    sending_queue: { enabled: false }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { traces: { receivers: [otlp], exporters: [otlphttp] } }
`;
}
