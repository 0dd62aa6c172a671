import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
} from "@opentelemetry/api";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";

/** One trace of a proxy that asks one mirror after the other, as OpenTelemetry's SDK records it. */
export interface RealTrace {
  readonly traceId: string;
  readonly server: ReadableSpan;
  readonly internal: ReadableSpan;
  /** One for each attempt, in the order they were made. */
  readonly clients: readonly ReadableSpan[];
}

export interface RealAttempt {
  readonly upstream: string;
  /** Null: the connection was refused. */
  readonly status: number | null;
  readonly durationMs: number;
}

/** Records traces of one service with OpenTelemetry's own SDK; nothing is sent yet. */
export class RealSpans {
  readonly #memory = new InMemorySpanExporter();
  readonly #provider: TracerProvider;

  constructor(service: string) {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": service }),
      spanProcessors: [new SimpleSpanProcessor({ exporter: this.#memory })],
    });
  }

  record(path: string, startMs: number, attempts: readonly RealAttempt[]): RealTrace {
    const tracer = this.#provider.getTracer("e2e");
    const begun = this.#memory.getFinishedSpans().length;
    const totalMs = attempts.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const start = (
      name: string,
      kind: SpanKind,
      atMs: number,
      attributes: Attributes,
      within: Context,
    ) => tracer.startSpan(name, { kind, startTime: atMs, attributes }, within);
    const request = { "http.request.method": "GET", "url.path": path };
    const answer = { "http.response.status_code": attempts.at(-1)?.status ?? 502 };
    const server = start("GET", SpanKind.SERVER, startMs, { ...request, ...answer }, ROOT_CONTEXT);
    const inServer = trace.setSpan(ROOT_CONTEXT, server);
    const internal = start("resolve", SpanKind.INTERNAL, startMs, {}, inServer);
    const inInternal = trace.setSpan(inServer, internal);
    let atMs = startMs;
    for (const { upstream, status, durationMs } of attempts) {
      const attributes = { ...request, "server.address": upstream };
      const client = start("GET", SpanKind.CLIENT, atMs, attributes, inInternal);
      if (status === null) client.setAttribute("error.type", "ECONNREFUSED");
      else client.setAttribute("http.response.status_code", status);
      if (status !== 200) client.setStatus({ code: SpanStatusCode.ERROR });
      atMs += durationMs;
      client.end(atMs);
    }
    internal.end(atMs);
    server.end(startMs + totalMs);
    return traceOf(this.#memory.getFinishedSpans().slice(begun));
  }
}

function traceOf(spans: readonly ReadableSpan[]): RealTrace {
  const ofKind = (kind: SpanKind): ReadableSpan[] => spans.filter((span) => span.kind === kind);
  const [server] = ofKind(SpanKind.SERVER);
  const [internal] = ofKind(SpanKind.INTERNAL);
  if (server === undefined || internal === undefined) throw new Error("The SDK lost a span.");
  const { traceId } = server.spanContext();
  return { traceId, server, internal, clients: ofKind(SpanKind.CLIENT) };
}

export type Encoding = "protobuf" | "json";

/** Sends spans in one request through OpenTelemetry's own exporter; throws when they are not taken. */
export async function exportSpans(
  ingestUrl: string,
  encoding: Encoding,
  spans: readonly ReadableSpan[],
): Promise<void> {
  const url = `${ingestUrl}/v1/traces`;
  const exporter: SpanExporter =
    encoding === "json" ? new JsonExporter({ url }) : new ProtobufExporter({ url });
  await new Promise<void>((resolve, reject) => {
    exporter.export([...spans], ({ error }) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
  await exporter.shutdown();
}
