import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
/** A whole second, as some logs tell no less. */
const startMs = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
const endMs = startMs + 300;
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
});
afterAll(() => test.drop());

async function send(proxy: string, lines: readonly string[], more = ""): Promise<void> {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const query = new URLSearchParams(`proxy=${proxy}&${more}`);
  const result = await ingest.intake.accessLogs(body, query, {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: randomBytes(20).toString("hex"),
    delivered: Promise.resolve(true),
  });
  expect(result).toMatchObject({ kind: "accepted", answer: { rejected: 0 } });
}

const trace = (traceId: string) => readTrace(test.database, { project, traceId });
const newTraceId = () => randomBytes(16).toString("hex");
const newSpanId = () => randomBytes(8).toString("hex");
const path = "/rsc.io/quote/@v/list";
const iso = (ms: number) => new Date(ms).toISOString();
const ns = (ms: number) => `${ms}000000`;

/** As nginx writes it whose log_format has `$http_traceparent`, and two upstreams. */
function nginxLine(traceId: string, atMs = endMs): string {
  return JSON.stringify({
    msec: (atMs / 1_000).toFixed(3),
    request: `GET ${path} HTTP/1.1`,
    status: "200",
    request_time: "0.300",
    upstream_addr: "10.0.0.1:80, 10.0.0.2:80",
    upstream_status: "502, 200",
    upstream_response_time: "0.100, 0.200",
    http_traceparent: `00-${traceId}-${newSpanId()}-01`,
  });
}

const lines: readonly (readonly [string, (traceId: string) => string])[] = [
  ["nginx", (traceId) => nginxLine(traceId)],
  [
    "nginx with $otel_trace_id",
    (id) => nginxLine("0".repeat(32)).replace(/"http_traceparent":.*/, `"otel_trace_id":"${id}"}`),
  ],
  [
    "Envoy",
    (id) =>
      JSON.stringify({
        start_time: iso(startMs),
        method: "GET",
        path,
        response_code: 200,
        duration: 300,
        upstream_cluster: "origin",
        upstream_host: "10.0.0.1:80",
        response_flags: "-",
        traceparent: `00-${id}-${newSpanId()}-01`,
      }),
  ],
  [
    "Traefik",
    (id) =>
      JSON.stringify({
        StartUTC: iso(startMs),
        RequestMethod: "GET",
        RequestPath: path,
        DownstreamStatus: 200,
        Duration: 300_000_000,
        TraceId: id,
      }),
  ],
  [
    "Caddy",
    (id) =>
      JSON.stringify({
        level: "info",
        ts: endMs / 1_000,
        logger: "http.log.access",
        msg: "handled request",
        request: { method: "GET", uri: path, host: "edge", remote_ip: "192.0.2.7" },
        duration: 0.3,
        status: 200,
        size: 5,
        traceID: id,
      }),
  ],
];

describe("the access log of a proxy is a hop of the trace that its line names", () => {
  it.each(lines)("%s", async (name, line) => {
    const traceId = newTraceId();
    const proxy = `edge ${name}`;
    await send(proxy, [line(newTraceId()), line(traceId)]);
    const found = await trace(traceId);
    expect(found).toMatchObject({ traceId, spans: [], omitted: 0, hopsCut: false });
    expect(found?.hops).toMatchObject([
      {
        proxy,
        method: "GET",
        path,
        status: 200,
        latencyMs: 300,
        startNs: ns(startMs),
        endNs: ns(endMs),
        spanId: null,
        traceId,
      },
    ]);
    const exchange = await readExchange(test.database, { project, id: found?.hops[0]?.id ?? "" });
    expect(exchange?.exchange).toMatchObject({ proxy, traceId });
  });

  it("with its attempts, one after the other", async () => {
    const traceId = newTraceId();
    await send("edge", [nginxLine(traceId)]);
    const [hop] = (await trace(traceId))?.hops ?? [];
    expect(hop?.attempts).toMatchObject([
      { upstream: "10.0.0.1:80", status: 502, startNs: ns(startMs), endNs: ns(startMs + 100) },
      { upstream: "10.0.0.2:80", status: 200, startNs: ns(startMs + 100), endNs: ns(endMs) },
    ]);
  });

  it("and so are Artifactory's two logs, which tell the last half of the trace id", async () => {
    const traceId = newTraceId();
    const half = traceId.slice(16);
    const line = (url: string, third: string) =>
      `${iso(endMs)}|${half}|${third}|anonymous|GET|${url}|200|-1|157|300|Go-http-client/1.1`;
    await send("artifactory", [line("/api/go/go/rsc.io/quote/@v/list", "192.0.2.7")]);
    const outbound = `${iso(endMs)}|${half}|go-remote|anonymous|GET|https://proxy.golang.org${path}|200|0|157|200|JFrog`;
    await send("artifactory", [outbound]);
    await sendSpans(ingest, [
      { traceId, spanId: newSpanId(), kind: 2, startMs, durationMs: 310, status: 200 },
    ]);
    const found = await trace(traceId);
    expect(found?.spans).toHaveLength(1);
    expect(found?.hops.map(({ proxy, attempts }) => [proxy, attempts.length])).toEqual([
      ["artifactory", 0],
      ["artifactory", 1],
    ]);
    expect((await trace(half.padStart(32, "0")))?.hops).toHaveLength(2);
  });

  it("beside the spans of the proxies behind it", async () => {
    const traceId = newTraceId();
    await send("edge", [nginxLine(traceId)]);
    const span = { traceId, spanId: newSpanId(), kind: 2 as const, status: 200 };
    await sendSpans(ingest, [{ ...span, startMs: startMs + 100, durationMs: 190, service: "go" }]);
    const found = await trace(traceId);
    expect(found?.spans.map(({ service }) => service)).toEqual(["go"]);
    expect(found?.hops.map(({ proxy, spanId }) => [proxy, spanId])).toEqual([["edge", null]]);
  });

  it("and names the span of the same proxy that tells of the same request, so that nobody counts it twice", async () => {
    const traceId = newTraceId();
    const spanId = newSpanId();
    await send("both", [nginxLine(traceId), nginxLine(traceId, endMs + 900)]);
    const span = { traceId, spanId, kind: 2 as const, startMs, durationMs: 300, status: 200 };
    await sendSpans(ingest, [{ ...span, path, service: "both" }]);
    const hops = (await trace(traceId))?.hops ?? [];
    expect(hops.map((hop) => hop.spanId)).toEqual([spanId, null]);
  });

  it("of which the earliest thousand are given, and it is said that there are more", async () => {
    const traceId = newTraceId();
    await send(
      "loop",
      Array.from({ length: 1_001 }, (_, at) => nginxLine(traceId, endMs + at)),
    );
    const found = await trace(traceId);
    expect(found).toMatchObject({ hopsCut: true });
    expect(found?.hops).toHaveLength(1_000);
    expect(found?.hops[0]?.endNs).toBe(ns(endMs));
  });

  it("as an OpenTelemetry record too", async () => {
    const traceId = newTraceId();
    await sendEnvoyRecord("envoy-otlp", traceId);
    expect((await trace(traceId))?.hops).toMatchObject([
      { proxy: "envoy-otlp", path, status: 200, startNs: ns(startMs), spanId: null },
    ]);
  });
});

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

async function sendEnvoyRecord(service: string, traceId: string): Promise<void> {
  const attributes = [
    text("start_time", iso(startMs)),
    text("method", "GET"),
    text("path", path),
    text("response_code", "200"),
    text("duration", "300"),
    text("response_flags", "-"),
    text("upstream_cluster", "origin"),
    text("upstream_host", "10.0.0.1:80"),
  ];
  const logRecords = [{ timeUnixNano: ns(startMs), traceId, attributes }];
  const resource = {
    attributes: [text("service.name", service), text("log_name", "otel_envoy_accesslog")],
  };
  const body = Buffer.from(
    JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  );
  await ingest.intake.logs?.(body, "json", {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: randomBytes(20).toString("hex"),
    delivered: Promise.resolve(true),
  });
}
