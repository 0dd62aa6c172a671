import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sloDefinition, type SloAnswer } from "#lib/contract/slos.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { ModuleCounting } from "#lib/run/count-modules.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { importOpenSlo } from "#lib/run/openslo.ts";
import { readSlo } from "#lib/run/read-slos.ts";
import { changeSlo, createSlo, removeSlo } from "#lib/run/save-slo.ts";
import { loadAlerts } from "#lib/store/alerts.ts";
import { loadModulePrefixes } from "#lib/store/module-prefixes.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

const project = 1;
const keep = keepMsDefault;
const minuteMs = 60_000;
/** The begin of a slice: how many slices a time of twenty minutes touches depends on where it lies. */
const sliceSeconds = 300;
const startMs = Math.floor(Date.now() / (sliceSeconds * 1_000)) * sliceSeconds * 1_000;
let nowMs = startMs;
let test: TestDatabase;
let ingest: Ingest;
let counting: ModuleCounting;
let spans = 0;

interface Request {
  readonly path: string;
  readonly atMs: number;
  readonly status?: number;
  readonly durationMs?: number;
  readonly service?: string;
}

async function send(requests: readonly Request[]): Promise<void> {
  for (const [service, members] of Map.groupBy(requests, (one) => one.service ?? "edge")) {
    const sent = members.map(({ path, atMs, status = 200, durationMs = 20 }) => {
      spans += 1;
      const id = spans.toString(16).padStart(16, "0");
      const times = { startMs: atMs, durationMs };
      return {
        traceId: `${id}${id}`,
        spanId: id,
        kind: 2,
        status,
        path,
        service,
        ...times,
      } as const;
    });
    expect(await sendSpans(ingest, sent)).toBe("accepted");
  }
}

const acme = "/github.com/acme/x/@v/v1.0.0.zip";
const others = [
  "/github.com/acmecorp/x/@v/v1.0.0.zip",
  "/example.com/github.com/acme/@v/list",
  "/sumdb/github.com/acme/lookup/github.com/acme/x@v1.0.0",
];

/** The last 70 minutes: two requests a minute, of which one fails in the last 20. Before that a day of other traffic. */
function past(): Request[] {
  const day = Array.from({ length: 25 }, (_, hour) => startMs - hour * 3_600_000 - minuteMs);
  const quiet = day.map((atMs) => ({ path: "/rsc.io/quote/@v/list", atMs }));
  const busy = Array.from({ length: 70 }, (_, minute) => startMs - (minute + 2) * minuteMs).flatMap(
    (atMs, minute) => [
      { path: acme, atMs },
      { path: "/github.com/acme/@v/list", atMs, status: minute < 20 ? 503 : 200 },
      ...others.map((path) => ({ path, atMs, status: 500 })),
    ],
  );
  return [...quiet, ...busy];
}

const definition = sloDefinition.parse({
  name: "Modules of acme",
  indicator: "availability",
  module: "github.com/acme",
  objectivePpm: 900_000,
  window: { kind: "rolling", days: 1 },
});

async function turn(atMs: number): Promise<void> {
  nowMs = atMs;
  await counting.run(nowMs);
}

/** Turns until nothing is left to count, as a busy machine needs several. */
async function fill(atMs: number): Promise<void> {
  for (let turns = 0; turns < 100; turns += 1) {
    await turn(atMs);
    const prefixes = await loadModulePrefixes(test.database, project);
    if (prefixes.every(({ filled }) => filled)) return;
  }
  throw new Error("the past is not counted after 100 turns");
}

async function read(key: string): Promise<SloAnswer> {
  const answer = await readSlo(test.database, { project, nowMs, keep }, key);
  if (answer === null) throw new Error("there is no such objective");
  return answer;
}

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, {
    project,
    metrics: createMetrics(),
    nowMs: () => nowMs,
  });
  counting = new ModuleCounting(test.database, { project, keptMs: 7 * 86_400_000 });
  await send(past());
});
afterAll(() => test.drop());

describe("an objective on the modules below a path", () => {
  it("has no data until what was stored before it is counted", async () => {
    await createSlo(test.database, project, "acme", definition);
    expect((await read("acme")).status).toMatchObject({ state: "no_data", isFilling: true });
    await turn(startMs);
    // Of a block made before the prefix counts in ingest, and of one made after.
    nowMs = startMs + 3_000;
    await send([{ path: acme, atMs: startMs - 90_000 }]);
    nowMs = startMs + 12_000;
    await send([{ path: acme, atMs: startMs - 80_000, status: 500 }]);
    await turn(startMs + 15_000);
    expect((await read("acme")).status?.state).toBe("no_data");
  });

  it("then counts each of its requests once, whoever counted it, and none of other modules", async () => {
    await fill(startMs + 25_000);
    await send([{ path: "/rsc.io/quote/@v/list", atMs: startMs }]);
    const { status } = await read("acme");
    expect(status).toMatchObject({ total: 142, bad: 21, isFilling: false, coverage: 1 });
    expect(status?.state).toBe("exhausted");
    await closeBuckets(test.database, nowMs + minuteMs, keep);
    expect((await read("acme")).status).toMatchObject({ total: 142, bad: 21 });
    await turn(startMs + 35_000);
    expect((await read("acme")).status).toMatchObject({ total: 142, bad: 21 });
  });

  it("counts what comes late in its own time, in upper case too", async () => {
    nowMs += 2_000;
    const atMs = startMs - 5 * 3_600_000;
    await send([
      { path: acme, atMs },
      { path: "/goproxy/github.com/acme/!big/@v/v1.0.0.mod", atMs, status: 500 },
      { path: "/github.com/!acme/x/@v/v1.0.0.zip", atMs, status: 500 },
    ]);
    nowMs += minuteMs;
    expect((await read("acme")).status).toMatchObject({ total: 144, bad: 22 });
  });

  it("pages when their budget burns, while others do not", async () => {
    const window = { kind: "rolling", days: 30 } as const;
    const strict = { ...definition, objectivePpm: 990_000, window };
    await createSlo(test.database, project, "acme-zips", { ...strict, endpoint: "zip" });
    await changeSlo(test.database, project, "acme", strict);
    const evaluation = new RuleEvaluation(test.database, { project, keep });
    await evaluation.evaluate(nowMs);
    const alerts = await loadAlerts(test.database, project);
    const firing = alerts.filter(({ memory }) => memory.state === "firing");
    const keys = firing.map(({ ruleKey }) => ruleKey);
    expect(keys).toContain("slo-acme-page");
    expect(keys).not.toContain("slo-acme-zips-page");
    const page = firing.find(({ ruleKey }) => ruleKey === "slo-acme-page");
    expect(page?.labels).toMatchObject({ slo: "acme", module: "github.com/acme" });
    const answer = await read("acme");
    expect(answer.firing).toBeGreaterThan(0);
    expect(answer.burnRates[0]?.long).toBeGreaterThan(14.4);
  });

  it.each([
    { name: "endpoint", change: { endpoint: "zip" }, expected: { total: 73, bad: 1 } },
    { name: "proxy", change: { proxy: "edge" }, expected: { total: 144, bad: 22 } },
    { name: "another proxy", change: { proxy: "nobody" }, expected: { total: 0, bad: 0 } },
    {
      name: "latency",
      change: { indicator: "latency", thresholdMs: 10 },
      expected: { total: 144, bad: 144 },
    },
    {
      name: "slices",
      change: { budgeting: { kind: "timeslices", sliceSeconds, sliceTargetPpm: 950_000 } },
      expected: { bad: 6 },
    },
  ])("goes together with $name, without counting anew", async ({ change, expected }) => {
    const changed = sloDefinition.parse({ ...definition, ...change });
    await changeSlo(test.database, project, "acme", changed);
    expect((await read("acme")).status).toMatchObject(expected);
  });
});

describe("module prefixes", () => {
  it("are forgotten with their last objective, and counted anew when one comes back", async () => {
    const [before] = await loadModulePrefixes(test.database, project);
    await removeSlo(test.database, project, "acme-zips");
    await removeSlo(test.database, project, "acme");
    await turn(nowMs);
    expect(await loadModulePrefixes(test.database, project)).toEqual([]);
    await createSlo(test.database, project, "acme", definition);
    await turn(nowMs + 1_000);
    await fill(nowMs + 30_000);
    const [after] = await loadModulePrefixes(test.database, project);
    expect(after?.id).not.toBe(before?.id);
    expect((await read("acme")).status).toMatchObject({ total: 144, bad: 22, isFilling: false });
  });

  it("are at most twenty, whichever way they come", async () => {
    for (let place = 1; place < 20; place += 1) {
      const each = { ...definition, module: `example.com/${place}` };
      await createSlo(test.database, project, `other-${place}`, each);
    }
    const more = { ...definition, module: "example.com/more" };
    const refusal = /20 different module prefixes, and would name 21/;
    await expect(createSlo(test.database, project, "more", more)).rejects.toThrow(refusal);
    await expect(importOpenSlo(test.database, project, document)).rejects.toThrow(refusal);
    await createSlo(test.database, project, "same", definition);
    await changeSlo(test.database, project, "other-1", more);
  });
});

const document = `
apiVersion: openslo/v1
kind: SLO
metadata: {name: more}
spec:
  indicator:
    spec:
      ratioMetric:
        bad: {metricSource: {type: viascope, spec: {indicator: hit_ratio, module: example.com/more}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
`;
