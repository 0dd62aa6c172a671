import { createHash, randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryFallbacks } from "#lib/query/fallbacks.ts";
import { queryProxies } from "#lib/query/proxies.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchange } from "#lib/run/read-exchange.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readTrace } from "#lib/run/read-trace.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const nowMs = Date.now();
const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000 };
let test: TestDatabase;
let ingest: Ingest;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
});
afterAll(() => test.drop());

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"].concat([
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
]);

function line(path: string, status: number, fields: string, atMs = nowMs - 60_000): string {
  const at = new Date(atMs);
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `10.0.0.9 - - [${day}:${time} +0000] "GET ${path} HTTP/1.1" ${status} 120 "-" "Go-http-client/1.1" ${fields}`;
}

function two(value: number): string {
  return `${value}`.padStart(2, "0");
}

async function post(lines: readonly string[], query: string) {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  return ingest.intake.accessLogs(body, new URLSearchParams(query), {
    wireBytes: body.length,
    receivedAtMs: Date.now(),
    digest: createHash("sha1").update(body).digest("hex"),
    delivered: Promise.resolve(true),
  });
}

describe("nginx lines with upstream lists", () => {
  it("become exchanges with ordered attempts, and refused lines are named", async () => {
    const fallback = 'rt=0.300 ua="a:80, b:80" us="503, 200" urt="0.100, 0.200" cs=MISS';
    const result = await post(
      [
        line("/rsc.io/quote/@v/list", 200, 'rt=0.010 ua="a:80" us="200" urt="0.010" cs=MISS'),
        line("/rsc.io/quote/@v/v1.5.2.zip", 200, fallback),
        "not a line at all",
        line("/rsc.io/none/@v/list", 404, 'rt=0.020 ua="a:80" us="404" urt="0.020" cs=MISS'),
        line("/rsc.io/quote/@v/v1.5.2.mod", 200, 'rt=0.000 ua="-" us="-" urt="-" cs=HIT'),
        line("/rsc.io/old/@v/list", 200, "rt=0.001", nowMs - 400 * 86_400_000),
      ],
      "format=nginx&proxy=front",
    );
    expect(result).toMatchObject({ kind: "accepted", answer: { accepted: 4, rejected: 2 } });
    const rejections = result.kind === "accepted" ? result.answer.rejections : [];
    expect(rejections.map((rejection) => rejection.line)).toEqual([3, 6]);

    const [front] = await queryProxies(test.database, { project, window });
    expect(front).toMatchObject({
      proxy: "front",
      source: "logs",
      requests: 4,
      errors: 0,
      notFound: 1,
      fallbacks: 1,
      cache: { hit: 1, miss: 2 },
      bytes: 480,
    });
    expect(front?.hitRatio).toBeCloseTo(1 / 3);
    const upstreams = await queryUpstreams(test.database, { project, window });
    expect(upstreams.map((item) => [item.upstream, item.attempts, item.errors])).toEqual([
      ["a:80", 3, 1],
      ["b:80", 1, 0],
    ]);
    expect(await queryFallbacks(test.database, { project, window })).toEqual([
      { proxy: "front", from: "a:80", to: "b:80", count: 1, causes: { status_5xx: 1 } },
    ]);
  });

  it("are found as the worst of an upstream, with the line they were read from", async () => {
    const params = { upstream: "a:80", order: "worst", limit: 10 } as const;
    const [worst] = await readExchanges(test.database, { project, window }, params);
    expect(worst).toMatchObject({
      proxy: "front",
      path: "/rsc.io/quote/@v/v1.5.2.zip",
      status: 200,
      latencyMs: 300,
      attempts: [
        { upstream: "a:80", status: 503, latencyMs: 100 },
        { upstream: "b:80", status: 200, latencyMs: 200 },
      ],
    });
    const found = await readExchange(test.database, { project, id: worst?.id ?? "" });
    expect(found?.exchange).toEqual(worst);
    expect(found?.raw).toContain('us="503, 200"');
    expect(await readExchange(test.database, { project, id: "17-3" })).toBeNull();
  });

  it("refuse a request that names no proxy, with a sentence", async () => {
    expect(await post([line("/", 200, "")], "format=nginx")).toMatchObject({
      kind: "invalid",
      message: expect.stringContaining("?proxy="),
    });
  });
});

function spanId(): string {
  return randomBytes(8).toString("hex");
}

describe("a trace", () => {
  it("is read whole by its id, whatever blocks its spans are in", async () => {
    const traceId = randomBytes(16).toString("hex");
    const server = randomBytes(8).toString("hex");
    const startMs = nowMs - 30_000;
    const call = { traceId, parent: server, kind: 3 as const, service: "edge" };
    await sendSpans(ingest, [
      { ...call, spanId: spanId(), startMs, durationMs: 7, status: 502, host: "m1" },
    ]);
    await sendSpans(ingest, [
      { traceId, spanId: server, kind: 2, startMs, durationMs: 50, status: 200, service: "edge" },
      { ...call, spanId: spanId(), startMs: startMs + 8, durationMs: 9, status: 200, host: "m2" },
    ]);
    const trace = await readTrace(test.database, { project, traceId });
    expect(trace?.spans.map((span) => span.kind).toSorted()).toEqual([
      "client",
      "client",
      "server",
    ]);
    expect(trace?.omitted).toBe(0);
    const params = { proxy: "edge", upstream: "m1", order: "worst", limit: 5 } as const;
    const [worst] = await readExchanges(test.database, { project, window }, params);
    expect(worst).toMatchObject({
      traceId,
      status: 200,
      attempts: [
        { upstream: "m1", status: 502 },
        { upstream: "m2", status: 200 },
      ],
    });
    const found = await readExchange(test.database, { project, id: worst?.id ?? "" });
    expect(found?.exchange.traceId).toBe(traceId);
    expect(await readTrace(test.database, { project, traceId: "00".repeat(16) })).toBeNull();
  });
});
