import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";

import { athensInstances, type DemoExchange } from "./model.ts";
import { authorization, type DemoTarget } from "./target.ts";
import { upstreams } from "./upstreams.ts";
import type { Visit, VisitAttempt } from "./visit.ts";

/** Writes the spans of athens with OpenTelemetry's own SDK and exports them as OTLP. */
export class AthensSpans {
  readonly #instances: ReadonlyMap<string, Instance>;

  constructor(target: DemoTarget) {
    this.#instances = new Map(
      Object.values(athensInstances).map((name) => [name, new Instance(name, target)]),
    );
  }

  /** Resolves when the spans of these exchanges were sent, or given up. */
  async send(exchanges: readonly DemoExchange[]): Promise<void> {
    for (const exchange of exchanges) {
      if (exchange.visit === null) continue;
      this.#instances.get(exchange.visit.instance)?.write(exchange, exchange.visit);
    }
    await Promise.all([...this.#instances.values()].map((instance) => instance.flush()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((instance) => instance.close()));
  }
}

/** One process of athens. */
class Instance {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  #traceId = "";

  constructor(name: string, target: DemoTarget) {
    const random = new RandomIdGenerator();
    const exporter = new OTLPTraceExporter({
      url: `${target.url}/v1/traces`,
      headers: authorization(target),
    });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        "service.name": "athens",
        "service.version": "0.16.1",
        "service.instance.id": name,
        "host.name": name,
      }),
      // The edge chose the trace id; athens takes it over, and makes the rest up itself.
      idGenerator: {
        generateTraceId: () => this.#traceId,
        generateSpanId: () => random.generateSpanId(),
      },
      spanProcessors: [
        new BatchSpanProcessor({ exporter, maxQueueSize: 100_000, maxExportBatchSize: 2_048 }),
      ],
    });
    this.#tracer = this.#provider.getTracer("github.com/gomods/athens");
  }

  write(exchange: DemoExchange, visit: Visit): void {
    this.#traceId = exchange.traceId;
    const span = this.#tracer.startSpan(
      "GET",
      {
        kind: SpanKind.SERVER,
        startTime: visit.startMs,
        attributes: serverAttributes(exchange, visit),
      },
      ROOT_CONTEXT,
    );
    const within = trace.setSpan(ROOT_CONTEXT, span);
    for (const attempt of visit.attempts) this.#writeAttempt(exchange, attempt, within);
    this.#writeStorage(visit, within);
    if (visit.status >= 500) fail(span, String(visit.status));
    span.end(visit.startMs + visit.durationMs);
  }

  flush(): Promise<void> {
    return this.#provider.forceFlush();
  }

  close(): Promise<void> {
    return this.#provider.shutdown();
  }

  #writeAttempt(exchange: DemoExchange, attempt: VisitAttempt, within: Context): void {
    const span = this.#tracer.startSpan(
      "GET",
      {
        kind: SpanKind.CLIENT,
        startTime: attempt.startMs,
        attributes: clientAttributes(exchange, attempt),
      },
      within,
    );
    if (attempt.tlsReason !== null) {
      span.setAttributes({ "proxy.tls.reason": attempt.tlsReason, "proxy.tls.side": "upstream" });
      fail(span, "tls_certificate_error", expiredSentence);
    } else if (attempt.errorType !== null) {
      fail(span, attempt.errorType, `Get ${targetOf(exchange, attempt)}: ${attempt.errorType}`);
    } else if (attempt.status !== null && attempt.status >= 400) {
      fail(span, String(attempt.status));
    }
    span.end(attempt.startMs + attempt.durationMs);
  }

  #writeStorage({ storage, cache }: Visit, within: Context): void {
    if (storage === null) return;
    const name = cache === "hit" ? "storage.load" : "storage.save";
    this.#tracer
      .startSpan(
        name,
        { startTime: storage.startMs, attributes: { "athens.storage": "disk" } },
        within,
      )
      .end(storage.startMs + storage.durationMs);
  }
}

const expiredSentence =
  "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";

function fail(span: Span, errorType: string, message?: string): void {
  span.setAttribute("error.type", errorType);
  span.setStatus(
    message === undefined
      ? { code: SpanStatusCode.ERROR }
      : { code: SpanStatusCode.ERROR, message },
  );
}

function serverAttributes(exchange: DemoExchange, visit: Visit): Attributes {
  return {
    "http.request.method": "GET",
    "url.scheme": "http",
    "url.path": exchange.path,
    "http.response.status_code": visit.status,
    "http.response.body.size": visit.bytes,
    "server.address": "athens",
    "server.port": 3000,
    "client.address": exchange.client,
    "user_agent.original": exchange.userAgent,
    "network.protocol.version": "1.1",
    "proxy.cache.result": visit.cache,
  };
}

function clientAttributes(exchange: DemoExchange, attempt: VisitAttempt): Attributes {
  const { upstream, status, resent } = attempt;
  return {
    "http.request.method": "GET",
    "url.full": targetOf(exchange, attempt),
    "peer.service": upstream,
    "server.address": upstream,
    "server.port": 443,
    "network.peer.address": upstreams[upstream].address,
    "network.peer.port": 443,
    ...(status !== null && { "http.response.status_code": status }),
    ...(resent > 0 && { "http.request.resend_count": resent }),
  };
}

/** The sum database has no proxy's prefix of its own; a git host is asked for its references. */
function targetOf({ path }: DemoExchange, { upstream }: VisitAttempt): string {
  if (upstream === "sum.example")
    return `https://${upstream}${path.slice("/sumdb/sum.example".length)}`;
  if (upstream !== "git.corp.example") return `https://${upstream}${path}`;
  const [repository = ""] = path.slice("/git.corp.example".length).split("/@", 1);
  return `https://${upstream}${repository}.git/info/refs?service=git-upload-pack`;
}
