import { afterAll, beforeAll, describe, expect, it } from "vitest";

import * as note from "#app/api/v1/alerts/[rule]/[fingerprint]/notes/route.ts";
import * as alert from "#app/api/v1/alerts/[rule]/[fingerprint]/route.ts";
import * as alerts from "#app/api/v1/alerts/route.ts";
import * as rule from "#app/api/v1/rules/[key]/route.ts";
import * as catalogue from "#app/api/v1/rules/catalogue/route.ts";
import * as check from "#app/api/v1/rules/check/route.ts";
import * as preview from "#app/api/v1/rules/preview/route.ts";
import * as rules from "#app/api/v1/rules/route.ts";
import * as silence from "#app/api/v1/silences/[id]/route.ts";
import * as silences from "#app/api/v1/silences/route.ts";
import * as correction from "#app/api/v1/slos/[key]/corrections/[id]/route.ts";
import * as corrections from "#app/api/v1/slos/[key]/corrections/route.ts";
import * as slo from "#app/api/v1/slos/[key]/route.ts";
import * as openslo from "#app/api/v1/slos/openslo/route.ts";
import * as slos from "#app/api/v1/slos/route.ts";
import { adoptSettings } from "#lib/config/environment.ts";
import { alertAnswer, alertsAnswer } from "#lib/contract/alerts.ts";
import { problem } from "#lib/contract/problem.ts";
import {
  catalogueAnswer,
  checkAnswer,
  previewAnswer,
  rule as ruleSchema,
  rulesAnswer,
} from "#lib/contract/rules.ts";
import { silence as silenceSchema, silencesAnswer } from "#lib/contract/silences.ts";
import { correctionSaved, openSloBody, sloAnswer, slosAnswer } from "#lib/contract/slos.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";

import { fillRollups } from "./fill-rollups.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

type Handler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string>> },
) => Promise<Response>;

const project = 1;
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
  adoptSettings({ DATABASE_URL: test.url });
  await fillRollups(test.database, project, [
    { atMs: Date.now() - 20_000, requests: 100, errors: 90, proxy: "edge" },
    { atMs: Date.now() - 600_000, requests: 100, proxy: "edge" },
  ]);
});
afterAll(() => test.drop());

async function ask(
  handler: Handler,
  {
    params = {},
    body,
    search = "",
  }: { params?: Record<string, string>; body?: unknown; search?: string } = {},
): Promise<{ status: number; answer: unknown }> {
  const request = new Request(`http://localhost:3000/api/v1/x${search}`, {
    headers: { "x-viascope-request": "1", host: "localhost:3000" },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  });
  const response = await handler(request, { params: Promise.resolve(params) });
  return { status: response.status, answer: await response.json() };
}

const own = {
  key: "own-rule",
  name: "Own rule",
  per: "proxy",
  when: "error_rate_1m > 50%",
  severity: "page",
  labels: { team: "infra" },
} as const;

describe("rules over the API", () => {
  it("are listed with the ready-made ones, made, changed, and deleted", async () => {
    const made = await ask(rules.POST, { body: own });
    expect(ruleSchema.parse(made.answer)).toMatchObject({
      key: "own-rule",
      origin: "own",
      enabled: true,
    });
    expect((await ask(rules.POST, { body: own })).status).toBe(409);
    const listed = rulesAnswer.parse((await ask(rules.GET)).answer);
    expect(listed.items.length).toBeGreaterThan(14);
    const { key: _, ...definition } = own;
    const params = { key: "own-rule" };
    const changed = await ask(rule.PUT, { params, body: { ...definition, enabled: false } });
    expect(changed.answer).toMatchObject({ enabled: false });
    expect((await ask(rule.DELETE, { params })).status).toBe(200);
    expect((await ask(rule.GET, { params })).status).toBe(404);
  });

  it("a ready-made one can be changed, and deleting it brings its defaults back", async () => {
    const params = { key: "slow-proxy" };
    const before = ruleSchema.parse((await ask(rule.GET, { params })).answer);
    const wanted = { ...before, when: "p95_latency_5m > 9s", recoverWhen: null };
    expect((await ask(rule.PUT, { params, body: wanted })).answer).toMatchObject({ changed: true });
    await ask(rule.DELETE, { params });
    expect((await ask(rule.GET, { params })).answer).toEqual(before);
  });

  it.each([
    ["a broken condition", { ...own, when: "error_rate_1m >" }, /`when`, column \d+: .*too early/],
    ["a label of ours", { ...own, labels: { proxy: "x" } }, /set by the rule itself/],
    ["a key with spaces", { ...own, key: "my rule" }, /lower-case letters/],
    ["a runbook that is no address", { ...own, runbookUrl: "javascript:alert(1)" }, /http/],
  ])("refuse %s with a sentence", async (_name, body, sentence) => {
    const { status, answer } = await ask(rules.POST, { body });
    expect(status).toBe(400);
    expect(problem.parse(answer).detail).toMatch(sentence);
  });

  it("check expressions by line and column, and say what can be named", async () => {
    const text = "errors_5m > 1\n  and nonsense_5m > 2";
    const answer = checkAnswer.parse(
      (await ask(check.POST, { body: { text, per: "proxy" } })).answer,
    );
    expect(answer.problem).toMatchObject({ line: 2, column: 7 });
    const all = catalogueAnswer.parse((await ask(catalogue.GET)).answer);
    expect(all.metrics.map(({ name }) => name)).toContain("p95_latency");
  });

  it("preview a rule", async () => {
    const { key: _, ...definition } = own;
    const { answer } = await ask(preview.POST, { body: { ...definition, days: 1 } });
    expect(previewAnswer.parse(answer)).toMatchObject({ step: 60, groups: 1 });
  });
});

describe("alerts over the API", () => {
  it("are listed, told in time, acknowledged, commented and silenced", async () => {
    await new RuleEvaluation(test.database, { project }).evaluate(Date.now());
    const burst = { rule: "error-burst" };
    const search = "?rule=error-burst";
    const listed = alertsAnswer.parse((await ask(alerts.GET, { search })).answer);
    const [found] = listed.items;
    expect(found).toMatchObject({ state: "firing", severity: "page", acknowledged: null });
    const params = { ...burst, fingerprint: found?.fingerprint ?? "" };
    const acknowledged = await ask(note.POST, {
      params,
      body: { kind: "acknowledged", author: "anna", text: "on it" },
    });
    expect(alertAnswer.parse(acknowledged.answer).alert?.acknowledged).toMatchObject({
      by: "anna",
    });
    await ask(note.POST, { params, body: { kind: "comment", author: "ben", text: "rolled back" } });
    const { timeline } = alertAnswer.parse((await ask(alert.GET, { params })).answer);
    expect(timeline.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["comment", "acknowledged", "transition"]),
    );
    const hour = {
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const matchers = [{ name: "proxy", operator: "=~", value: "ed.e" }];
    const wanted = { ...hour, matchers, author: "anna", reason: "known" };
    const made = silenceSchema.parse((await ask(silences.POST, { body: wanted })).answer);
    const muted = alertsAnswer.parse((await ask(alerts.GET, { search })).answer);
    expect(muted.items[0]?.silencedBy).toEqual([made.id]);
    expect((await ask(silence.DELETE, { params: { id: made.id } })).status).toBe(200);
    expect((await ask(silence.DELETE, { params: { id: made.id } })).status).toBe(404);
    const all = silencesAnswer.parse((await ask(silences.GET)).answer);
    expect(all.items).toMatchObject([{ id: made.id, state: "expired" }]);
  });

  it.each([
    ["nobody is open", { rule: "error-burst", fingerprint: "0123456789abcdef" }, 404],
    ["the fingerprint is none", { rule: "error-burst", fingerprint: "xyz" }, 400],
  ])("cannot be acknowledged where %s", async (_name, params, status) => {
    expect((await ask(note.POST, { params, body: { kind: "acknowledged" } })).status).toBe(status);
  });

  it.each([
    ["everything", [{ name: "proxy", operator: "!=", value: "" }], /mute everything/],
    ["a pattern that cannot be read", [{ name: "proxy", operator: "=~", value: "(" }], /pattern/],
  ])("a silence of %s is refused", async (_name, matchers, sentence) => {
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = { matchers, startsAt: new Date().toISOString(), endsAt, author: "a", reason: "b" };
    const { status, answer } = await ask(silences.POST, { body });
    expect(status).toBe(400);
    expect(problem.parse(answer).detail).toMatch(sentence);
  });
});

describe("objectives over the API", () => {
  const wanted = {
    key: "edge-fast",
    name: "Edge fast",
    indicator: "latency",
    thresholdMs: 250,
    proxy: "edge",
    objectivePpm: 990_000,
    window: { kind: "rolling", days: 7 },
  } as const;

  it("are made, read, corrected, changed, given as OpenSLO, and deleted", async () => {
    const params = { key: "edge-fast" };
    sloAnswer.parse((await ask(slos.POST, { body: wanted })).answer);
    const span = { from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00+02:00" };
    const refused = await ask(corrections.POST, {
      params,
      body: { ...span, reason: "a", author: "b" },
    });
    expect(refused.status).toBe(400);
    const body = { ...span, to: "2026-01-01T01:00:00Z", reason: "move", author: "anna" };
    const { id } = correctionSaved.parse((await ask(corrections.POST, { params, body })).answer);
    const read = sloAnswer.parse((await ask(slo.GET, { params })).answer);
    expect(read.corrections).toMatchObject([{ id, reason: "move" }]);
    expect((await ask(correction.DELETE, { params: { ...params, id } })).status).toBe(200);
    const { yaml } = openSloBody.parse((await ask(openslo.GET)).answer);
    await ask(slo.DELETE, { params });
    expect((await ask(slo.GET, { params })).status).toBe(404);
    expect((await ask(openslo.POST, { body: { yaml } })).answer).toEqual({
      keys: expect.arrayContaining(["edge-fast", "availability"]),
    });
    const listed = slosAnswer.parse((await ask(slos.GET)).answer);
    expect(listed.items.map(({ key }) => key).toSorted()).toEqual(["availability", "edge-fast"]);
  });

  it("a ready-made one stays deleted", async () => {
    await ask(slo.DELETE, { params: { key: "availability" } });
    const listed = slosAnswer.parse((await ask(slos.GET)).answer);
    expect(listed.items.map(({ key }) => key)).not.toContain("availability");
  });

  it.each([
    ["an objective of everything", { ...wanted, key: "a", objectivePpm: 1_000_000 }, /no budget/],
    [
      "latency without a threshold",
      { ...wanted, key: "a", thresholdMs: null },
      /needs a threshold/,
    ],
    [
      "an unknown zone",
      { ...wanted, key: "a", window: { kind: "calendar", unit: "month", zone: "Mars" } },
      /IANA/,
    ],
    [
      "slices that fit no hour",
      { ...wanted, key: "a", budgeting: { kind: "timeslices", sliceSeconds: 70 } },
      /sliceSeconds/,
    ],
  ])("refuse %s", async (_name, body, sentence) => {
    const { status, answer } = await ask(slos.POST, { body });
    expect(status).toBe(400);
    expect(problem.parse(answer).detail).toMatch(sentence);
  });
});

it("a change without the header of our pages is refused", async () => {
  const request = new Request("http://localhost:3000/api/v1/rules", { method: "POST", body: "{}" });
  const response = await rules.POST(request, { params: Promise.resolve({}) });
  expect(response.status).toBe(403);
});
