import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { alertEvent, type AlertEvent } from "#lib/contract/alert-event.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { loadAlerts } from "#lib/store/alerts.ts";
import { upsertRule } from "#lib/store/rules.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans, type SpanOptions } from "./send-spans.ts";

const project = 1;
const startMs = Math.floor(Date.now() / 10_000) * 10_000 - 600_000;
let test: TestDatabase;
let ingest: Ingest;
let evaluation: RuleEvaluation;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
  evaluation = new RuleEvaluation(test.database, { project });
});
afterAll(() => test.drop());

const id = (bytes: number): string => randomBytes(bytes).toString("hex");

/** `count` exchanges of a proxy over ten seconds, each with one attempt that answers `status`. */
async function traffic(
  atMs: number,
  count: number,
  status: number,
  service = "edge",
): Promise<void> {
  for (let place = 0; place < count; place += 1) {
    const traceId = id(16);
    const server = id(8);
    const at = atMs + Math.floor((place * 10_000) / count);
    const shared = { traceId, startMs: at, durationMs: 20, status, service };
    const spans: SpanOptions[] = [
      { ...shared, spanId: server, kind: 2 },
      { ...shared, spanId: id(8), parent: server, kind: 3, host: "origin.example.com" },
    ];
    await sendSpans(ingest, spans);
  }
}

async function outbox(): Promise<AlertEvent[]> {
  const answer = await test.database.pool.query<{ payload: unknown }>(
    "SELECT payload FROM notification_outbox ORDER BY id",
  );
  return answer.rows.map((row) => alertEvent.parse(row.payload));
}

async function openStates(): Promise<Record<string, string>> {
  const alerts = await loadAlerts(test.database, project);
  return Object.fromEntries(alerts.map(({ ruleKey, memory }) => [ruleKey, memory.state]));
}

describe("an upstream that begins to answer 503", () => {
  it("fires within one evaluation, once, with what an on-call engineer needs", async () => {
    await traffic(startMs, 30, 200);
    await evaluation.evaluate(startMs + 9_000);
    expect(await outbox()).toEqual([]);
    await traffic(startMs + 60_000, 30, 503);
    const result = await evaluation.evaluate(startMs + 69_000);
    expect(result?.changes).toBeGreaterThan(0);
    const events = await outbox();
    const down = events.find((event) => event.ruleKey === "upstream-down");
    expect(down).toMatchObject({
      status: "firing",
      severity: "page",
      labels: {
        alertname: "Upstream down",
        rule: "upstream-down",
        severity: "page",
        proxy: "edge",
        upstream: "origin.example.com",
      },
      endsAt: null,
      startsAt: new Date(startMs + 69_000).toISOString(),
      transitionSeq: 1,
    });
    expect(down?.annotations["summary"]).toContain("origin.example.com");
    expect(down?.values).toContainEqual({
      name: "error_rate_1m",
      value: 1,
      unit: "ratio",
      text: "100 %",
    });
    expect(down?.evidence.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["upstream", "exchanges"]),
    );
    expect(events.map((event) => event.ruleKey)).toContain("error-burst");
    expect(events.map((event) => event.ruleKey)).toContain("unavailable-in-row");
    const told = events.length;
    await evaluation.evaluate(startMs + 70_000);
    expect(await outbox()).toHaveLength(told);
  });

  it("goes on in another worker as if nothing had happened, and resolves by itself", async () => {
    const other = new RuleEvaluation(test.database, { project });
    await traffic(startMs + 130_000, 30, 200);
    await other.evaluate(startMs + 139_000);
    expect(await openStates()).toMatchObject({ "upstream-down": "recovering" });
    await traffic(startMs + 190_000, 30, 200);
    await evaluation.evaluate(startMs + 200_000);
    expect(await openStates()).toMatchObject({ "upstream-down": "resolved" });
    const down = (await outbox()).filter((event) => event.ruleKey === "upstream-down");
    expect(down.map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(down[1]).toMatchObject({
      startsAt: down[0]?.startsAt,
      endsAt: new Date(startMs + 200_000).toISOString(),
      fingerprint: down[0]?.fingerprint,
    });
  });

  it("is told of again when it happens again, with higher numbers", async () => {
    await traffic(startMs + 260_000, 30, 503);
    await evaluation.evaluate(startMs + 269_000);
    const down = (await outbox()).filter((event) => event.ruleKey === "upstream-down");
    const numbers = down.map((event) => event.transitionSeq);
    expect(numbers).toHaveLength(3);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
  });

  it("resolves with a reason when its rule is switched off", async () => {
    const definition = { name: "never read", per: "upstream" };
    await upsertRule(test.database, project, {
      key: "upstream-down",
      origin: "ready-made",
      file: null,
      enabled: false,
      definition,
    });
    await evaluation.evaluate(startMs + 271_000);
    const last = (await outbox()).findLast((event) => event.ruleKey === "upstream-down");
    expect(last).toMatchObject({
      status: "resolved",
      reason: "The rule was deleted or switched off.",
    });
  });
});

describe("a proxy that is first heard of", () => {
  it("fires in the minute that it came in, though that minute was looked at before", async () => {
    const minuteMs = Math.ceil((startMs + 400_000) / 60_000) * 60_000;
    await evaluation.evaluate(minuteMs + 1_000);
    await traffic(minuteMs + 10_000, 30, 503, "newcomer");
    await evaluation.evaluate(minuteMs + 20_000);
    const about = (await outbox()).filter((event) => event.labels["proxy"] === "newcomer");
    expect(about.map((event) => event.ruleKey)).toContain("error-burst");
  });
});

describe("failures in a row", () => {
  it.each([
    { name: "three at the end of a bucket", statuses: [200, 503, 504, 503], inRow: true },
    { name: "two", statuses: [503, 200, 503, 504], inRow: false },
    { name: "three that ended", statuses: [503, 503, 503, 200], inRow: false },
    { name: "502 is an answer", statuses: [200, 502, 502, 502], inRow: false },
  ])("are counted one by one, also beside others: $name", async ({ statuses, inRow }) => {
    const own = await testDatabase();
    const into = await openIngest(own.database, { project, metrics: createMetrics() });
    for (const [place, status] of statuses.entries()) {
      const call = { traceId: id(16), spanId: id(8), kind: 3 as const, service: "edge", host: "o" };
      await sendSpans(into, [{ ...call, startMs: startMs + place * 500, durationMs: 9, status }]);
    }
    await new RuleEvaluation(own.database, { project }).evaluate(startMs + 4_000);
    const alerts = await loadAlerts(own.database, project);
    expect(alerts.some(({ ruleKey }) => ruleKey === "unavailable-in-row")).toBe(inRow);
    await own.drop();
  });
});

describe("a rule that cannot be read", () => {
  it("is told of, and told of again when it can be", async () => {
    const rule = {
      key: "broken",
      origin: "own",
      file: null,
      enabled: true,
      definition: { name: "Broken", per: "proxy", severity: "info", when: "eror_rate_5m > 1%" },
    } as const;
    await upsertRule(test.database, project, rule);
    await evaluation.evaluate(startMs + 272_000);
    const mended = { ...rule, definition: { ...rule.definition, when: "error_rate_5m > 200%" } };
    await upsertRule(test.database, project, mended);
    await evaluation.evaluate(startMs + 273_000);
    const told = (await outbox()).filter((event) => event.labels["evaluates"] === "broken");
    expect(told.map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(told[0]?.evidence[0]?.title).toMatch(/`when`, column 1: .*Did you mean `error_rate_5m`/);
  });
});

describe("a database that goes away in the middle", () => {
  it("leaves no half of a round behind: what fires is told once, with its state", async () => {
    const own = await testDatabase();
    const into = await openIngest(own.database, { project, metrics: createMetrics() });
    for (let place = 0; place < 30; place += 1) {
      const call = { traceId: id(16), spanId: id(8), kind: 3 as const, service: "edge", host: "o" };
      await sendSpans(into, [
        { ...call, startMs: startMs + place * 100, durationMs: 9, status: 503 },
      ]);
    }
    const worker = new RuleEvaluation(own.database, { project });
    let failed = 0;
    for (let round = 0; round < 12; round += 1) {
      const evaluated = worker.evaluate(startMs + 4_000 + round).catch(() => (failed += 1));
      await new Promise((resolve) => setTimeout(resolve, round));
      await test.database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
        [new URL(own.url).pathname.slice(1)],
      );
      await evaluated;
    }
    await worker.evaluate(startMs + 5_000);
    const { rows } = await own.database.pool.query<{ key: string; told: number; states: number }>(
      `SELECT s.group_key AS key, (SELECT count(*)::int FROM notification_outbox o WHERE o.group_key = s.group_key) AS told,
              s.transition_seq::int AS states FROM alert_state s WHERE s.state = 'firing'`,
    );
    expect(failed).toBeGreaterThan(0);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ told, states }) => told !== 1 || states !== 1)).toEqual([]);
    await own.drop();
  });
});

describe("two workers at once", () => {
  it("evaluate one after the other, and no transition is written twice", async () => {
    const workers = Array.from({ length: 4 }, () => new RuleEvaluation(test.database, { project }));
    const before = (await outbox()).length;
    await traffic(startMs + 330_000, 30, 200);
    await traffic(startMs + 390_000, 30, 502);
    const results = await Promise.all(workers.map((worker) => worker.evaluate(startMs + 399_000)));
    expect(results.filter((result) => result !== null).length).toBeGreaterThanOrEqual(1);
    const events = (await outbox()).slice(before);
    const keys = events.map((event) => `${event.groupKey} ${event.status}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("cannot both write the same transition, even past the lock", async () => {
    const { database } = test;
    await database.pool.query(
      `INSERT INTO alert_transition SELECT project_id, group_key, transition_seq + 1, rule_key, incident_at, at, state_before, state, outcome, reason, labels, "values"
         FROM alert_transition t WHERE transition_seq = (SELECT max(transition_seq) FROM alert_transition m WHERE m.group_key = t.group_key)
           AND rule_key = 'error-burst'`,
    );
    const before = await outbox();
    await traffic(startMs + 460_000, 30, 200);
    await traffic(startMs + 520_000, 30, 200);
    await expect(evaluation.evaluate(startMs + 529_000)).rejects.toMatchObject({ code: "23505" });
    expect(await outbox()).toEqual(before);
  });
});
