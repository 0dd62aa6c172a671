import { createHash } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exchangesQuery } from "#lib/contract/exchanges.ts";
import { sloDefinition, type SloSpender } from "#lib/contract/slos.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { ModuleCounting } from "#lib/run/count-modules.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";
import { readSlo } from "#lib/run/read-slos.ts";
import { addCorrection, changeSlo, createSlo } from "#lib/run/save-slo.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const minuteMs = 60_000;
const startMs = Math.floor(Date.now() / minuteMs) * minuteMs - minuteMs;
const nowMs = startMs + 30_000;
const window = { fromMs: startMs - 86_400_000, toMs: nowMs };
let test: TestDatabase;
let ingest: Ingest;
let traces = 0;

/** A request as a proxy answered it, after one attempt. */
function trace(path: string, status: number, durationMs: number, host: string): SpanOptions[] {
  traces += 1;
  const id = traces.toString(16).padStart(16, "0");
  const common = { traceId: `${id}${id}`, startMs: startMs - traces * 1_000, durationMs };
  return [
    { ...common, spanId: `a${id.slice(1)}`, kind: 2, status, path, service: "athens" },
    {
      ...common,
      spanId: `b${id.slice(1)}`,
      parent: `a${id.slice(1)}`,
      kind: 3,
      status,
      host,
      path,
    },
  ];
}

function times(count: number, make: () => SpanOptions[]): SpanOptions[] {
  return Array.from({ length: count }, make).flat();
}

async function sendLines(lines: readonly string[]): Promise<void> {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  const result = await ingest.intake.accessLogs(
    body,
    new URLSearchParams("format=nginx&proxy=front"),
    {
      wireBytes: body.length,
      receivedAtMs: nowMs,
      digest: createHash("sha1").update(body).digest("hex"),
      delivered: Promise.resolve(true),
    },
  );
  if (result.kind !== "accepted" || result.answer.rejected > 0)
    throw new Error("a line is refused");
}

function line(path: string, status: number, fields: string): string {
  const [, day, month, year, time] =
    /(\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(startMs - minuteMs).toUTCString()) ?? [];
  return `10.0.0.9 - - [${day}/${month}/${year}:${time} +0000] "GET ${path} HTTP/1.1" ${status} 120 "-" "Go-http-client/1.1" ${fields}`;
}

const definition = sloDefinition.parse({
  name: "All",
  indicator: "availability",
  proxy: "athens",
  objectivePpm: 999_000,
  window: { kind: "rolling", days: 1 },
  coverageMinPpm: 0,
});

async function spendersOf(change: object): Promise<Record<string, Record<string, number>>> {
  await changeSlo(test.database, project, "all", sloDefinition.parse({ ...definition, ...change }));
  const counting = new ModuleCounting(test.database, { project, keptMs: 2 * 86_400_000 });
  for (let turns = 0; turns < 20; turns += 1) await counting.run(nowMs + turns * 20_000);
  const asked = { project, nowMs, keep: keepMsDefault };
  const answer = await readSlo(test.database, asked, "all");
  const byKind: Partial<Record<SloSpender["kind"], SloSpender[]>> = Object.groupBy(
    answer?.spenders ?? [],
    ({ kind }) => kind,
  );
  return Object.fromEntries(
    Object.entries(byKind).map(([kind, spenders]) => [
      kind,
      Object.fromEntries(spenders.map(({ name, bad }) => [name, bad])),
    ]),
  );
}

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, {
    project,
    metrics: createMetrics(),
    nowMs: () => nowMs,
  });
  await sendSpans(ingest, [
    ...times(3, () => trace("/github.com/acme/x/@v/v1.0.0.zip", 503, 40, "origin")),
    ...times(2, () => trace("/rsc.io/quote/@v/list", 500, 40, "mirror")),
    ...times(5, () => trace("/rsc.io/quote/@v/v1.0.0.zip", 200, 900, "mirror")),
    ...times(1, () => trace("/sumdb/sum.golang.org/lookup/rsc.io/a@v1.0.0", 500, 1, "mirror")),
    ...times(4, () => trace("/golang.org/x/net/@v/list", 200, 10, "origin")),
  ]);
  await sendLines([
    line(
      "/rsc.io/a/@v/list",
      502,
      'rt=0.300 ua="a:80, b:80" us="502, 502" urt="0.100, 0.200" cs=MISS',
    ),
    line("/rsc.io/a/@v/list", 200, 'rt=0.300 ua="a:80" us="200" urt="0.100" cs=MISS'),
    line("/rsc.io/b/@v/list", 200, 'rt=0.001 ua="-" us="-" urt="-" cs=HIT'),
    line("/rsc.io/b/@v/list", 504, 'rt=0.300 ua="a:80" us="-" urt="0.100" cs=-'),
    // The newest record: up to here everything is in.
    line("/", 200, 'rt=0.001 ua="-" us="-" urt="-" cs=-').replace(
      /\d\d:\d\d:\d\d /,
      `${new Date(startMs + 1_000).toISOString().slice(11, 19)} `,
    ),
  ]);
  await createSlo(test.database, project, "all", definition);
});
afterAll(() => test.drop());

describe("what spent a budget", () => {
  it.each([
    {
      name: "errors of a proxy",
      change: {},
      spent: {
        upstream: { origin: 3, mirror: 3 },
        module: { "github.com/acme/x": 3, "rsc.io/quote": 2 },
        status: { "503": 3, "500": 3 },
        proxy: { athens: 6 },
        endpoint: { zip: 3, list: 2, sumdb: 1 },
      },
    },
    {
      name: "slowness",
      change: { indicator: "latency", thresholdMs: 500 },
      spent: { upstream: { mirror: 5 }, module: { "rsc.io/quote": 5 }, endpoint: { zip: 5 } },
    },
    {
      name: "errors of the modules below a path",
      change: { module: "rsc.io" },
      spent: { upstream: { mirror: 2 }, module: { "rsc.io/quote": 2 }, status: { "500": 2 } },
    },
    {
      name: "errors of an endpoint",
      change: { endpoint: "zip" },
      spent: { upstream: { origin: 3 }, module: { "github.com/acme/x": 3 } },
    },
    {
      name: "errors of an upstream, whose attempts have no module",
      change: { upstream: "mirror" },
      spent: { upstream: { mirror: 3 }, status: { "500": 3 } },
    },
    {
      name: "what the cache missed, as access logs tell it",
      change: { indicator: "hit_ratio", proxy: "front" },
      spent: { module: { "rsc.io/a": 1 }, endpoint: { list: 1 } },
    },
    {
      name: "errors in access logs, with every failed attempt of a line",
      change: { proxy: "front", module: "rsc.io/a" },
      spent: { upstream: { "a:80": 1, "b:80": 1 }, module: { "rsc.io/a": 1 } },
    },
  ])("is told of $name", async ({ change, spent }) => {
    const found = await spendersOf(change);
    const asked = Object.keys(spent).map((kind) => [kind, found[kind]]);
    expect(Object.fromEntries(asked)).toEqual(spent);
  });

  it("is nothing within what a correction takes out", async () => {
    await addCorrection(test.database, project, "all", {
      from: new Date(startMs - 10 * minuteMs).toISOString(),
      to: new Date(startMs).toISOString(),
      reason: "A drill",
      author: "ops",
    });
    expect(await spendersOf({})).toEqual({});
  });
});

describe("the exchanges of a filter", () => {
  it.each([
    { name: "a module prefix", params: { module: "rsc.io" }, count: 11 },
    { name: "a module prefix and a proxy", params: { module: "rsc.io", proxy: "front" }, count: 4 },
    { name: "a prefix that ends within a name", params: { module: "rsc.io/quot" }, count: 0 },
    { name: "an endpoint", params: { endpoint: "zip" }, count: 8 },
    { name: "a status", params: { status: "503" }, count: 3 },
    { name: "errors", params: { bad: "availability", proxy: "athens" }, count: 6 },
    { name: "slowness", params: { bad: "latency", thresholdMs: "500" }, count: 5 },
    { name: "cache misses", params: { bad: "hit_ratio" }, count: 1 },
    { name: "an upstream and a status", params: { upstream: "mirror", status: "500" }, count: 3 },
  ])("are found by $name", async ({ params, count }) => {
    for (const order of ["worst", "newest"]) {
      const wanted = exchangesQuery.parse({ ...params, order });
      const found = await readExchanges(test.database, { project, window }, wanted);
      expect(found).toHaveLength(count);
    }
  });

  it.each([
    { upstream: "mirror", module: "rsc.io" },
    { upstream: "mirror", bad: "hit_ratio" },
    { bad: "latency" },
    { module: "rsc.io/" },
    { errorType: "no such" },
  ])("are refused for %j", (params) => {
    expect(exchangesQuery.safeParse(params).success).toBe(false);
  });
});
