import { createHash } from "node:crypto";

import type { Ingest } from "#lib/run/ingest.ts";

/** A span in the few words that tests need. */
export interface SpanOptions {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  /** 2 is SERVER, 3 is CLIENT. */
  readonly kind: 2 | 3;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status?: number;
  readonly host?: string;
  readonly path?: string;
  /** Further attributes. */
  readonly more?: Readonly<Record<string, string>>;
  /** That of the first span names them all. */
  readonly service?: string;
}

/** Sends the spans as one OTLP/JSON body and gives the kind of answer; `delivered` false loses that answer. */
export async function sendSpans(
  ingest: Ingest,
  spans: readonly SpanOptions[],
  delivered = true,
): Promise<string> {
  const body = Buffer.from(JSON.stringify(requestOf(spans)));
  const result = await ingest.intake.traces(body, "json", {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(delivered),
  });
  return result.kind;
}

/** The spans as an ExportTraceServiceRequest in OTLP/JSON. */
export function requestOf(spans: readonly SpanOptions[]): object {
  const name = { key: "service.name", value: { stringValue: spans[0]?.service ?? "edge" } };
  return {
    resourceSpans: [
      { resource: { attributes: [name] }, scopeSpans: [{ spans: spans.map(spanOf) }] },
    ],
  };
}

function spanOf(span: SpanOptions): object {
  const { traceId, spanId, kind, status, host, more = {} } = span;
  return {
    traceId,
    spanId,
    kind,
    ...(span.parent !== undefined && { parentSpanId: span.parent }),
    name: "GET",
    startTimeUnixNano: `${span.startMs}000000`,
    endTimeUnixNano: `${span.startMs + span.durationMs}000000`,
    attributes: [
      { key: "http.request.method", value: { stringValue: "GET" } },
      { key: "url.path", value: { stringValue: span.path ?? "/rsc.io/quote/@v/list" } },
      ...(status === undefined
        ? []
        : [{ key: "http.response.status_code", value: { intValue: `${status}` } }]),
      ...(host === undefined ? [] : [{ key: "server.address", value: { stringValue: host } }]),
      ...Object.entries(more).map(([key, text]) => ({ key, value: { stringValue: text } })),
    ],
  };
}
