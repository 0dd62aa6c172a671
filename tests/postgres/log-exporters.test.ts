import { randomBytes } from "node:crypto";

import { context, SeverityNumber, trace, TraceFlags } from "@opentelemetry/api";
import { OTLPLogExporter as GrpcExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
} from "@opentelemetry/sdk-logs";
import { afterAll, beforeAll, expect, it } from "vitest";

import { logsParams } from "#lib/contract/logs.ts";
import { accessBy } from "#lib/receive/access.ts";
import { createGrpcReceiver } from "#lib/receive/grpc-receiver.ts";
import { createReceiver, heldBytesOf, type Receiver } from "#lib/receive/receiver.ts";
import { openIngest } from "#lib/run/ingest.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
let test: TestDatabase;
let receivers: Receiver[];
let ports: { readonly http: number; readonly grpc: number };

beforeAll(async () => {
  test = await testDatabase();
  const metrics = createMetrics();
  const { intake } = await openIngest(test.database, { project, metrics });
  const limits = { bodyBytesMax: 1e6, heldBytesSoft: 1e7, heldBytesHard: 2e7, holdMsMax: 1_000 };
  const common = {
    intake,
    host: "127.0.0.1",
    port: 0,
    limits,
    access: accessBy({ token: null, project }),
    metrics,
    held: heldBytesOf(limits),
    ready: () => Promise.resolve(true),
    onError: () => {},
  };
  const [http, grpc] = [createReceiver(common), createGrpcReceiver(common)];
  receivers = [http, grpc];
  const [{ port: httpPort }, { port: grpcPort }] = await Promise.all([
    http.listen(),
    grpc.listen(),
  ]);
  ports = { http: httpPort, grpc: grpcPort };
});
afterAll(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await test.drop();
});

const compression = CompressionAlgorithm.GZIP;
const url = (): string => `http://127.0.0.1:${ports.http}/v1/logs`;
const grpcUrl = (): string => `http://127.0.0.1:${ports.grpc}`;

const exporters: readonly [string, () => LogRecordExporter][] = [
  ["http/protobuf", () => new ProtobufExporter({ url: url() })],
  ["http/protobuf, gzip", () => new ProtobufExporter({ url: url(), compression })],
  ["http/json", () => new JsonExporter({ url: url() })],
  ["http/json, gzip", () => new JsonExporter({ url: url(), compression })],
  ["grpc", () => new GrpcExporter({ url: grpcUrl() })],
  ["grpc, gzip", () => new GrpcExporter({ url: grpcUrl(), compression })],
];

it.each(exporters)(
  "what OpenTelemetry's own exporter sends over %s is stored when it is done",
  async (name, make) => {
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ "service.name": name, "service.instance.id": "edge-1" }),
      processors: [new BatchLogRecordProcessor({ exporter: make() })],
    });
    const spanContext = {
      traceId: randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
      traceFlags: TraceFlags.SAMPLED,
    };
    provider.getLogger("github.com/gomods/athens").emit({
      severityNumber: SeverityNumber.WARN,
      severityText: "WARN",
      body: "upstream answered late",
      attributes: { attempt: 2, hosts: ["a", "b"] },
      context: trace.setSpanContext(context.active(), spanContext),
    });
    await provider.shutdown();
    const window = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 };
    const params = logsParams.parse({ proxy: name });
    const { items } = await readLogs(test.database, { project, window }, params);
    expect(items).toMatchObject([
      {
        instance: "edge-1",
        kind: "record",
        format: "otlp",
        severity: "warn",
        severityText: "WARN",
        text: "upstream answered late",
        traceId: spanContext.traceId,
        spanId: spanContext.spanId,
        attributes: {
          attempt: 2,
          hosts: ["a", "b"],
          "otel.scope.name": "github.com/gomods/athens",
        },
      },
    ]);
    expect(Math.abs(Date.parse(items[0]?.time ?? "") - Date.now())).toBeLessThan(30_000);
  },
);
