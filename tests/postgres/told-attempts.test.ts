import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { keepMsDefault } from "#lib/core/keep.ts";
import { noRowNames } from "#lib/core/record-rows.ts";
import { CallHabits } from "#lib/normalize/call-habits.ts";
import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readSpans } from "#lib/run/ingest/otlp.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { requestOf, sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const nowMs = Date.now();
const startMs = nowMs - 120_000;
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
});
afterAll(() => test.drop());

const id = (bytes: number): string => randomBytes(bytes).toString("hex");

/** As nginx-otel sends it with its lists: the first of two servers did not answer. */
function nginxSpan(service: string): SpanOptions & { readonly kind: 2 } {
  return {
    traceId: id(16),
    spanId: id(8),
    kind: 2,
    startMs,
    durationMs: 50,
    status: 200,
    service,
    more: {
      "nginx.upstream_addr": "10.0.0.1:80, 10.0.0.2:80",
      "nginx.upstream_status": "502, 200",
      "nginx.upstream_response_time": "0.010, 0.040",
    },
  };
}

/** The one try that a CLIENT span tells of. */
function callOf(server: SpanOptions, host: string, status: number, afterMs: number): SpanOptions {
  const { traceId, spanId: parent } = server;
  const times = { startMs: startMs + afterMs, durationMs: 5 };
  return { traceId, parent, spanId: id(8), kind: 3, host, status, ...times };
}

async function send(...spans: readonly SpanOptions[]): Promise<void> {
  expect(await sendSpans(ingest, spans)).toBe("accepted");
}

async function countedOf(proxy: string) {
  const question = { project, window };
  const [found] = (await queryProxies(test.database, question)).filter(
    (one) => one.proxy === proxy,
  );
  const upstreams = await queryUpstreams(test.database, { ...question, proxy });
  const fallbacks = await queryFallbacks(test.database, question);
  return {
    requests: found?.requests,
    upstreams: Object.fromEntries(
      upstreams.map(({ upstream, attempts, errors }) => [
        upstream,
        `${attempts}, ${errors} failed`,
      ]),
    ),
    fallbacks: fallbacks
      .filter((edge) => edge.proxy === proxy)
      .map(({ from, to, count, causes }) => ({ from, to, count, causes })),
  };
}

it("counts the attempts that nginx's own span lists, and shows them with their exchange", async () => {
  await send(nginxSpan("edge_lists"), nginxSpan("edge_lists"));
  await send(nginxSpan("edge_lists"));
  const expected = {
    requests: 3,
    upstreams: { "10.0.0.1:80": "3, 3 failed", "10.0.0.2:80": "3, 0 failed" },
    fallbacks: [{ from: "10.0.0.1:80", to: "10.0.0.2:80", count: 3, causes: { status_5xx: 3 } }],
  };
  expect(await countedOf("edge_lists")).toEqual(expected);
  await closeBuckets(test.database, nowMs, keepMsDefault);
  expect(await countedOf("edge_lists")).toEqual(expected);
  for (const upstream of [undefined, "10.0.0.1:80"]) {
    const shown = await readExchanges(
      test.database,
      { project, window },
      { proxy: "edge_lists", upstream, order: "newest", limit: 20 },
    );
    expect(shown).toHaveLength(3);
    expect(shown[0]?.attempts).toMatchObject([
      { upstream: "10.0.0.1:80", endpoint: "10.0.0.1:80", status: 502, latencyMs: 10 },
      { upstream: "10.0.0.2:80", endpoint: "10.0.0.2:80", status: 200, latencyMs: 40 },
    ]);
  }
  const waiting = await test.database.pool.query("SELECT FROM waiting_attempt");
  expect(waiting.rowCount).toBe(0);
});

it("tells a trace whom its SERVER span asked, but where CLIENT spans of the same proxy tell so", async () => {
  const [server, joined] = [nginxSpan("edge_trace"), nginxSpan("edge_joined")];
  await send(server);
  await send({ ...nginxSpan("behind"), more: {}, traceId: server.traceId, parent: server.spanId });
  await send(joined, callOf(joined, "a", 200, 10));
  const [told, none] = await Promise.all(
    [server, joined].map(({ traceId }) => readTrace(test.database, { project, traceId })),
  );
  expect(told?.told).toEqual([
    {
      spanId: server.spanId,
      attempts: [
        expect.objectContaining({ upstream: "10.0.0.1:80", status: 502, latencyMs: 10 }),
        expect.objectContaining({ upstream: "10.0.0.2:80", status: 200, latencyMs: 40 }),
      ],
    },
  ]);
  expect(none?.spans).toHaveLength(2);
  expect(none?.told).toEqual([]);
});

it("takes the word of CLIENT spans of the same proxy in their place, in whichever order they stand", async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
  ]) {
    const server = nginxSpan("edge_calls");
    const spans = [server, callOf(server, "a", 503, 1), callOf(server, "b", 200, 10)];
    const [first, ...others] = order.flatMap((place) => spans[place] ?? []);
    if (first === undefined) throw new Error("no such span");
    await send({ ...first, service: "edge_calls" }, ...others);
  }
  expect(await countedOf("edge_calls")).toEqual({
    requests: 2,
    upstreams: { a: "2, 2 failed", b: "2, 0 failed" },
    fallbacks: [{ from: "a", to: "b", count: 2, causes: { status_5xx: 2 } }],
  });
});

it("neither joins nor counts the attempts twice when another span of the trace comes later", async () => {
  const server = nginxSpan("edge_first");
  await send(server);
  await send({ ...nginxSpan("behind"), more: {}, traceId: server.traceId, parent: server.spanId });
  expect(await countedOf("edge_first")).toEqual({
    requests: 1,
    upstreams: { "10.0.0.1:80": "1, 1 failed", "10.0.0.2:80": "1, 0 failed" },
    fallbacks: [{ from: "10.0.0.1:80", to: "10.0.0.2:80", count: 1, causes: { status_5xx: 1 } }],
  });
});

/** As Envoy sends it, whether or not it sends spans of its calls. */
function envoySpan(service: string): ReturnType<typeof nginxSpan> {
  const more = { "upstream_cluster.name": "athens", upstream_address: "10.0.2.1:3000" };
  return { ...nginxSpan(service), more };
}

it("counts the attempt that Envoy's span names from when it was seen to send no CLIENT spans", async () => {
  for (let sent = 0; sent < 20; sent += 1) await send(envoySpan("edge_silent"));
  const upstreams = { athens: "5, 0 failed" };
  expect(await countedOf("edge_silent")).toEqual({ requests: 20, upstreams, fallbacks: [] });
  const [shown] = await readExchanges(
    test.database,
    { project, window },
    { proxy: "edge_silent", order: "newest", limit: 1 },
  );
  expect(shown?.attempts).toMatchObject([
    { upstream: "athens", endpoint: "10.0.2.1:3000", status: 200, latencyMs: null },
  ]);
});

it("counts no attempt of Envoy twice, in however many requests its spans come", async () => {
  for (let sent = 0; sent < 20; sent += 1) {
    const server = envoySpan("edge_spawning");
    await send({ ...callOf(server, "athens", 200, 1), service: "edge_spawning" });
    await send(server);
  }
  const upstreams = { athens: "20, 0 failed" };
  expect(await countedOf("edge_spawning")).toEqual({ requests: 20, upstreams, fallbacks: [] });
});

it("counts such a span once, however many attempts it tells of", () => {
  const body = Buffer.from(JSON.stringify(requestOf([nginxSpan("edge_once")])));
  const reading = { timeliness: () => null, habits: new CallHabits(), names: noRowNames() };
  expect(readSpans(body, "json", reading)).toMatchObject({ spans: 1, total: 1 });
});
