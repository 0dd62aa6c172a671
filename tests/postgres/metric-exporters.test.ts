import { OTLPMetricExporter as GrpcExporter } from "@opentelemetry/exporter-metrics-otlp-grpc";
import { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { afterAll, beforeAll, expect, it } from "vitest";

import { openIngest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { listenForOtlp, type OtlpListeners } from "../otlp-listeners.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

let test: TestDatabase;
let listeners: OtlpListeners;

beforeAll(async () => {
  test = await testDatabase();
  const { intake } = await openIngest(test.database, { project: 1, metrics: createMetrics() });
  listeners = await listenForOtlp(intake);
});
afterAll(async () => {
  await listeners.close();
  await test.drop();
});

const compression = CompressionAlgorithm.GZIP;
const url = (): string => `http://127.0.0.1:${listeners.httpPort}/v1/metrics`;
const grpcUrl = (): string => `http://127.0.0.1:${listeners.grpcPort}`;

const exporters: readonly [string, () => PushMetricExporter][] = [
  ["http/protobuf", () => new ProtobufExporter({ url: url() })],
  ["http/protobuf, gzip", () => new ProtobufExporter({ url: url(), compression })],
  ["http/json", () => new JsonExporter({ url: url() })],
  ["grpc", () => new GrpcExporter({ url: grpcUrl() })],
  ["grpc, gzip", () => new GrpcExporter({ url: grpcUrl(), compression })],
];

it.each(exporters)(
  "what OpenTelemetry's own exporter sends over %s is stored when it is done",
  async (proxy, make) => {
    const reader = new PeriodicExportingMetricReader({ exporter: make() });
    const provider = new MeterProvider({
      resource: resourceFromAttributes({ "service.name": proxy, "service.instance.id": "edge-1" }),
      readers: [reader],
    });
    const meter = provider.getMeter("github.com/gomods/athens");
    meter.createCounter("downloads", { unit: "1" }).add(3, { module: "rsc.io/quote" });
    meter.createUpDownCounter("open_requests").add(-2);
    const histogram = meter.createHistogram("latency", {
      unit: "s",
      advice: { explicitBucketBoundaries: [0.1, 1] },
    });
    for (const seconds of [0.05, 0.5, 0.7, 20]) histogram.record(seconds);
    await provider.shutdown();
    const { rows } = await test.database.pool.query(
      `SELECT name, instance, unit, kind, temporality, attributes, value, histogram IS NOT NULL AS "isHistogram"
         FROM metric_point JOIN metric_series ON id = series_id WHERE proxy = $1 ORDER BY name`,
      [proxy],
    );
    const same = { instance: "edge-1", temporality: "cumulative" };
    expect(rows).toEqual([
      {
        ...same,
        name: "downloads",
        unit: "1",
        kind: "counter",
        attributes: { module: "rsc.io/quote" },
        value: 3,
        isHistogram: false,
      },
      // Of a histogram the value is how many it holds.
      {
        ...same,
        name: "latency",
        unit: "s",
        kind: "histogram",
        attributes: {},
        value: 4,
        isHistogram: true,
      },
      {
        ...same,
        name: "open_requests",
        unit: "",
        kind: "updown",
        attributes: {},
        value: -2,
        isHistogram: false,
      },
    ]);
  },
);
