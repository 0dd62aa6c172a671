import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import * as note from "#app/api/v1/alerts/[rule]/[fingerprint]/notes/route.ts";
import * as alert from "#app/api/v1/alerts/[rule]/[fingerprint]/route.ts";
import * as incidents from "#app/api/v1/incidents/route.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { alertAnswer, type AlertAnswer } from "#lib/contract/alerts.ts";
import { incidentsAnswer, type IncidentItem } from "#lib/contract/incidents.ts";
import { problem } from "#lib/contract/problem.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { resend } from "#lib/run/resend.ts";
import { createSilence, endSilence } from "#lib/run/silences.ts";
import { forgetDeliveries, insertDelivery } from "#lib/store/deliveries.ts";
import { forgetTransitions } from "#lib/store/evaluations.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { testDatabase, type TestDatabase } from "./harness.ts";
import { sendSpans } from "./send-spans.ts";

type Handler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string>> },
) => Promise<Response>;

const project = 1;
/** Last night: whatever ended then is long forgotten as an alert. */
const nightMs = Math.floor(Date.now() / 60_000) * 60_000 - 8 * 3_600_000;
const upstreamDown = { rule: "upstream-down" };
let test: TestDatabase;
let ingest: Ingest;
let evaluation: RuleEvaluation;

beforeAll(async () => {
  test = await testDatabase();
  adoptSettings({ DATABASE_URL: test.url });
  ingest = await openIngest(test.database, { project, metrics: createMetrics() });
  evaluation = new RuleEvaluation(test.database, { project });
  await outage(nightMs, "mirror.example.com");
  await outage(nightMs + 3_600_000, "mirror.example.com");
  await evaluation.evaluate(nightMs + 7_200_000);
});
afterAll(() => test.drop());

const id = (bytes: number): string => randomBytes(bytes).toString("hex");

/** An upstream fails for a while, and recovers; rules are evaluated meanwhile. */
async function outage(atMs: number, host: string): Promise<void> {
  await traffic(atMs, host, 200);
  await evaluation.evaluate(atMs + 20_000);
  await traffic(atMs + 60_000, host, 503);
  await evaluation.evaluate(atMs + 70_000);
  await traffic(atMs + 135_000, host, 200);
  await evaluation.evaluate(atMs + 145_000);
  await traffic(atMs + 205_000, host, 200);
  await evaluation.evaluate(atMs + 220_000);
  await traffic(atMs + 500_000, host, 200);
  await evaluation.evaluate(atMs + 510_000);
}

async function traffic(atMs: number, host: string, status: number): Promise<void> {
  for (let place = 0; place < 30; place += 1) {
    const [traceId, server] = [id(16), id(8)];
    const shared = { traceId, startMs: atMs + place * 300, durationMs: 20, status };
    await sendSpans(ingest, [
      { ...shared, spanId: server, kind: 2, path: "/example.com/m/@v/list" },
      { ...shared, spanId: id(8), parent: server, kind: 3, host },
    ]);
  }
}

async function ask(
  handler: Handler,
  {
    params = {},
    search = {},
    body,
  }: { params?: Record<string, string>; search?: Record<string, string>; body?: unknown } = {},
): Promise<{ status: number; answer: unknown }> {
  const query = new URLSearchParams(search).toString();
  const request = new Request(`http://localhost:3000/api/v1/x?${query}`, {
    headers: { "x-viascope-request": "1", host: "localhost:3000" },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  return { status: response.status, answer: await response.json() };
}

async function list(search: Record<string, string> = {}) {
  const { answer } = await ask(incidents.GET, { search: { from: "now-1d", ...search } });
  return incidentsAnswer.parse(answer);
}

async function downs(): Promise<IncidentItem[]> {
  return (await list(upstreamDown)).items;
}

async function open(incident: IncidentItem): Promise<AlertAnswer> {
  const { ruleKey: rule, fingerprint, activeAt } = incident;
  const { answer } = await ask(alert.GET, {
    params: { rule, fingerprint },
    search: { incident: activeAt },
  });
  return alertAnswer.parse(answer);
}

function forget(before: { readonly saidMs: number; readonly sentMs: number }): Promise<void> {
  return inTransaction(test.database, (client) => forgetDeliveries(client, before));
}

async function exchangesOf(incident: IncidentItem) {
  return (await open(incident)).incident?.exchanges ?? [];
}

/** What the migration can fill of every incident. */
async function facts() {
  return (await list()).items
    .map(({ groupKey, firedAt, resolvedAt, labels, values }) => {
      return { groupKey, firedAt, resolvedAt, labels, values };
    })
    .toSorted((a, b) => (a.groupKey + a.firedAt < b.groupKey + b.firedAt ? -1 : 1));
}

describe("incidents that are over", () => {
  it("are listed hours after their alerts are forgotten, the last that fired first", async () => {
    const items = await downs();
    expect(items.map(({ firedAt, resolvedAt }) => [firedAt, resolvedAt !== null])).toEqual([
      [new Date(nightMs + 3_670_000).toISOString(), true],
      [new Date(nightMs + 70_000).toISOString(), true],
    ]);
    expect(items[0]).toMatchObject({
      severity: "page",
      labels: { proxy: "edge", upstream: "mirror.example.com", alertname: "Upstream down" },
      endedBecause: expect.stringMatching(/recovery holds|no longer holds/),
    });
    expect(items[0]?.values).toContainEqual(
      expect.objectContaining({ name: "error_rate_1m", text: "100 %" }),
    );
    expect(items[0]?.annotations["summary"]).toContain("mirror.example.com");
  });

  it.each([
    ["another rule", { rule: "clock-skew" }, 0],
    ["another proxy", { ...upstreamDown, proxy: "core" }, 0],
    ["its proxy", { ...upstreamDown, proxy: "edge" }, 2],
    ["its upstream", { ...upstreamDown, upstream: "mirror.example.com" }, 2],
    ["another upstream", { ...upstreamDown, upstream: "x" }, 0],
    ["its severity", { ...upstreamDown, severity: "page" }, 2],
    ["another severity", { ...upstreamDown, severity: "info" }, 0],
    ["those that are over", { ...upstreamDown, state: "resolved" }, 2],
    ["those that go on", { ...upstreamDown, state: "open" }, 0],
    ["a time before", { ...upstreamDown, to: new Date(nightMs + 69_000).toISOString() }, 0],
    ["a time between", { ...upstreamDown, to: new Date(nightMs + 1_800_000).toISOString() }, 1],
    ["a time within", { ...upstreamDown, from: new Date(nightMs + 3_680_000).toISOString() }, 1],
  ] as const)("are narrowed to %s", async (_name, search, count) => {
    expect((await list(search)).items).toHaveLength(count);
  });

  it("say what they can be narrowed to", async () => {
    const { choices } = await list({ rule: "clock-skew" });
    expect(choices.proxies).toEqual(["edge"]);
    expect(choices.upstreams).toEqual(["mirror.example.com"]);
    expect(choices.rules).toContainEqual({ key: "upstream-down", name: "Upstream down" });
  });

  it("come page by page, each once", async () => {
    const all = (await list()).items.map(({ groupKey, activeAt }) => `${groupKey} ${activeAt}`);
    expect(all.length).toBeGreaterThan(3);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await list({ limit: "2", ...(after !== null && { after }) });
      seen.push(...page.items.map(({ groupKey, activeAt }) => `${groupKey} ${activeAt}`));
      after = page.next;
    } while (after !== null && seen.length < 100);
    expect(seen).toEqual(all);
  });

  it.each([
    [{ after: "nonsense" }, /`after`: must be the `next`/],
    [{ limit: "1000" }, /`limit`/],
    [{ from: "yesterday" }, /`from` must be/],
  ])("%o is refused with a sentence", async (search, sentence) => {
    const { status, answer } = await ask(incidents.GET, { search });
    expect(status).toBe(400);
    expect(problem.parse(answer).detail).toMatch(sentence);
  });
});

describe("an incident that is over", () => {
  it("shows its own labels, values, evidence and changes, not those of the next", async () => {
    const [second, first] = await downs();
    if (first === undefined || second === undefined) throw new Error("There are no incidents.");
    const { alert: standing, incident, timeline, incidents: others } = await open(first);
    expect(standing).toBeNull();
    expect(incident).toMatchObject({ activeAt: first.activeAt, labels: first.labels });
    expect(incident?.evidence[0]).toMatchObject({
      kind: "upstream",
      to: incident?.resolvedAt,
      path: expect.stringMatching(/^\/upstreams\/mirror\.example\.com\?from=/),
    });
    expect(timeline.map((line) => (line.kind === "transition" ? line.to : line.kind))).toEqual([
      "resolved",
      "recovering",
      "firing",
    ]);
    expect(others.map(({ activeAt }) => activeAt)).toEqual([second.activeAt, first.activeAt]);
  });

  it("without a time in the address is the last one", async () => {
    const [second] = await downs();
    const params = { ...upstreamDown, fingerprint: second?.fingerprint ?? "" };
    const { answer } = await ask(alert.GET, { params });
    expect(alertAnswer.parse(answer).incident?.activeAt).toBe(second?.activeAt);
    const other = { params, search: { incident: "2020-01-01T00:00:00Z" } };
    expect((await ask(alert.GET, other)).status).toBe(404);
  });

  it("tells which silences held, and takes comments of its own", async () => {
    const [second, first] = await downs();
    if (first === undefined || second === undefined) throw new Error("There are no incidents.");
    const silenced = await createSilence(
      test.database,
      project,
      {
        matchers: [{ name: "upstream", operator: "=", value: "mirror.example.com" }],
        startsAt: new Date(nightMs - 60_000).toISOString(),
        endsAt: new Date(nightMs + 90_000).toISOString(),
        author: "anna",
        reason: "mirror moves",
      },
      nightMs,
    );
    const { rule, ...who } = { ...upstreamDown, author: "ben", text: "disk was full" };
    const body = { kind: "comment", ...who, incident: first.activeAt };
    const params = { rule, fingerprint: first.fingerprint };
    expect((await ask(note.POST, { params, body })).status).toBe(200);
    const { timeline } = await open(first);
    expect(timeline).toContainEqual(
      expect.objectContaining({ kind: "silence", id: silenced.id, at: first.activeAt }),
    );
    expect(timeline[0]).toMatchObject({ kind: "comment", text: "disk was full" });
    const kinds = (await open(second)).timeline.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["transition"]));
    await endSilence(test.database, project, silenced.id, nightMs + 80_000);
  });

  it.each([
    ["a comment beside none", { kind: "comment", text: "x", incident: "2020-01-01T00:00:00Z" }],
    ["an acknowledgment", { kind: "acknowledged" }],
  ])("takes no %s", async (_name, body) => {
    const [, first] = await downs();
    const params = { ...upstreamDown, fingerprint: first?.fingerprint ?? "" };
    expect((await ask(note.POST, { params, body })).status).toBe(404);
  });

  it("says which exchanges retention has dropped", async () => {
    const [, first] = await downs();
    if (first === undefined) throw new Error("There is no incident.");
    const before = await exchangesOf(first);
    expect(before.map(({ kept }) => kept)).toEqual([true, true, true]);
    expect(before[0]?.title).toBe(
      "GET /example.com/m/@v/list: mirror.example.com 503, the client 503 in 20 ms",
    );
    const block = /\/exchanges\/(\d+)-/.exec(before[0]?.path ?? "")?.[1];
    await test.database.pool.query("DELETE FROM block WHERE id = $1", [block]);
    const after = await exchangesOf(first);
    expect(after.map(({ title }) => title)).toEqual(before.map(({ title }) => title));
    expect(after[0]?.kept).toBe(false);
  });
});

describe("an incident that goes on", () => {
  it("is acknowledged with its alert", async () => {
    const [lasting] = (await list({ state: "open" })).items;
    expect(lasting?.acknowledged).toBeNull();
    const params = { rule: "low-volume-errors", fingerprint: lasting?.fingerprint ?? "" };
    const answer = await ask(note.POST, { params, body: { kind: "acknowledged", author: "anna" } });
    expect(alertAnswer.parse(answer.answer)).toMatchObject({
      alert: { state: "firing", acknowledged: { by: "anna" } },
      incident: { acknowledged: { by: "anna" } },
    });
    expect((await list({ state: "open" })).items[0]?.acknowledged).toMatchObject({ by: "anna" });
  });
});

describe("who was told", () => {
  it("is told after what was said is forgotten, and then cannot be sent again", async () => {
    const [, first] = await downs();
    if (first === undefined) throw new Error("There is no incident.");
    const sent = randomUUID();
    const atMs = Date.parse(first.firedAt) + 1_000;
    const member = {
      alertKey: first.groupKey,
      version: "1",
      fingerprint: first.fingerprint,
      status: "firing" as const,
    };
    await insertDelivery(
      test.database.pool,
      project,
      {
        id: sent,
        channelId: randomUUID(),
        channelName: "on call",
        kind: "alert",
        groupId: null,
        groupKey: "{}",
        flush: 1,
        reason: "first notification",
        message: { version: "4", title: "Mirror down" },
        members: [member],
        repeatIntervalMs: 0,
      },
      { nowMs: atMs, dueMs: atMs },
    );
    await test.database.pool.query(
      `UPDATE delivery SET state = 'delivered', attempts = 1, finished_at = $2 WHERE id = $1`,
      [sent, new Date(atMs)],
    );
    await test.database.pool.query(
      `INSERT INTO delivery_attempt (project_id, delivery_id, number, started_at) VALUES (1, $1, 1, $2)`,
      [sent, new Date(atMs)],
    );
    await forget({ saidMs: atMs + 1, sentMs: atMs });
    const told = (await open(first)).timeline.filter(({ kind }) => kind === "notification");
    expect(told).toMatchObject([
      { delivery: { id: sent, title: "Mirror down", state: "delivered", channelName: "on call" } },
    ]);
    const { rows } = await test.database.pool.query("SELECT FROM delivery_attempt");
    expect(rows).toHaveLength(0);
    await expect(resend(test.database, project, sent, atMs)).rejects.toThrow(/no longer kept/);
    await forget({ saidMs: atMs + 1, sentMs: atMs + 1 });
    const kinds = (await open(first)).timeline.map(({ kind }) => kind);
    expect(kinds).not.toContain("notification");
  });
});

describe("the table of incidents", () => {
  it("is filled by its migration from what was written down before", async () => {
    const before = await facts();
    await test.database.pool.query("DELETE FROM alert_incident");
    const migration = await readFile("prisma/migrations/0005_incidents/migration.sql", "utf8");
    const filling = /INSERT INTO "alert_incident"[^;]*;/.exec(migration)?.[0] ?? "";
    await test.database.pool.query(filling);
    expect(await facts()).toEqual(before);
  });

  it("forgets what ended with its timeline, and nothing that goes on", async () => {
    await forgetTransitions(test.database, project, Date.now());
    const { items } = await list();
    expect(items.map(({ ruleKey, resolvedAt }) => [ruleKey, resolvedAt])).toEqual([
      ["low-volume-errors", null],
    ]);
  });
});
