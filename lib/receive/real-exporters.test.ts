import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, expect, it } from "vitest";

import { tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { listenForOtlp } from "#tests/otlp-listeners.ts";

import type { Intake } from "./intake.ts";

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Both listeners over one intake that decodes; the first `refusals` requests are told to come back. */
async function start(refusals: number) {
  const spans: SpanRecord[] = [];
  let requests = 0;
  const intake: Intake = {
    traces(payload, encoding) {
      requests += 1;
      if (requests <= refusals) {
        return Promise.resolve({ kind: "busy", retryAfterSeconds: 1, message: "Wait." });
      }
      const text = new TextDecoder();
      const body = encoding === "json" ? tracesFromJson(text.decode(payload)) : payload;
      spans.push(...decodeTraces(body).spans);
      return Promise.resolve({ kind: "accepted", rejected: 0, message: "" });
    },
    accessLogs: () => Promise.reject(new Error("not sent here")),
  };
  const listeners = await listenForOtlp(intake);
  ends.push(() => listeners.close());
  return { ...listeners, spans, requests: () => requests };
}

type Ports = Awaited<ReturnType<typeof start>>;
const urlOf = ({ httpPort }: Ports) => `http://127.0.0.1:${httpPort}/v1/traces`;
const compression = CompressionAlgorithm.GZIP;

const exporters: readonly [string, (ports: Ports) => SpanExporter][] = [
  ["http/protobuf", (ports) => new ProtobufExporter({ url: urlOf(ports) })],
  ["http/json", (ports) => new JsonExporter({ url: urlOf(ports) })],
  ["http/json, gzip", (ports) => new JsonExporter({ url: urlOf(ports), compression })],
  ["grpc", ({ grpcPort }) => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}` })],
  [
    "grpc, gzip",
    ({ grpcPort }) => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}`, compression }),
  ],
];

async function exportOneSpan(exporter: SpanExporter): Promise<void> {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "edge", "service.instance.id": "edge-1" }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const span = provider.getTracer("test").startSpan("GET", {
    kind: SpanKind.CLIENT,
    attributes: {
      "http.request.method": "GET",
      "url.full": "https://proxy.golang.org/a/@v/list",
      "server.address": "proxy.golang.org",
      "server.port": 443,
      "http.response.status_code": 200,
    },
  });
  span.end();
  await provider.shutdown();
}

it.each(exporters)("OpenTelemetry's own exporter over %s is understood", async (_, make) => {
  const ports = await start(0);
  await exportOneSpan(make(ports));
  expect(ports.spans).toMatchObject([
    {
      service: "edge",
      instance: "edge-1",
      kind: 3,
      http: { method: "GET", path: "/a/@v/list", status: 200, upstream: "proxy.golang.org:443" },
    },
  ]);
  expect(Math.abs((ports.spans[0]?.startUs ?? 0) / 1000 - Date.now())).toBeLessThan(60_000);
});

it.each(exporters.slice(0, 2))(
  "OpenTelemetry's own exporter over %s comes back when it is told to",
  async (_, make) => {
    const ports = await start(1);
    await exportOneSpan(make(ports));
    expect([ports.spans.length, ports.requests()]).toEqual([1, 2]);
  },
);
