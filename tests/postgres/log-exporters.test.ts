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
import { openIngest } from "#lib/run/ingest.ts";
import { readLogs } from "#lib/run/read-logs.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { listenForOtlp, type OtlpListeners } from "../otlp-listeners.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
let test: TestDatabase;
let listeners: OtlpListeners;

beforeAll(async () => {
  test = await testDatabase();
  const { intake } = await openIngest(test.database, { project, metrics: createMetrics() });
  listeners = await listenForOtlp(intake);
});
afterAll(async () => {
  await listeners.close();
  await test.drop();
});

const compression = CompressionAlgorithm.GZIP;
const url = (): string => `http://127.0.0.1:${listeners.httpPort}/v1/logs`;
const grpcUrl = (): string => `http://127.0.0.1:${listeners.grpcPort}`;

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
