import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { previewAnswer, previewBody } from "#lib/contract/rules.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { previewRule } from "#lib/run/preview-rule.ts";
import { loadAlerts } from "#lib/store/alerts.ts";
import { upsertRule } from "#lib/store/rules.ts";

import { fillRollups } from "./fill-rollups.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const keep = keepMsDefault;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nowMs = Math.floor(Date.now() / (5 * minuteMs)) * 5 * minuteMs;
let test: TestDatabase;

/** Bursts of ten minutes, this long ago. */
const burstsMs = [6 * 24 * hourMs, 50 * hourMs, 3 * hourMs];

beforeAll(async () => {
  test = await testDatabase();
  const burstAt = (atMs: number): boolean =>
    burstsMs.some((ago) => atMs >= nowMs - ago && atMs < nowMs - ago + 10 * minuteMs);
  const fillings = Array.from({ length: 7 * 24 * 12 }, (_, place) => {
    const atMs = nowMs - (place + 1) * 5 * minuteMs;
    return { atMs, requests: 100, errors: burstAt(atMs) ? 40 : 0 };
  });
  await fillRollups(test.database, project, fillings);
  await closeBuckets(test.database, nowMs, keep);
});
afterAll(() => test.drop());

const body = (more: object) =>
  previewBody.parse({
    name: "Errors",
    per: "proxy",
    severity: "ticket",
    when: "error_rate_5m > 10%",
    ...more,
  });

async function preview(more: object) {
  return previewAnswer.parse(
    await previewRule(test.database, { project, keep, nowMs, body: body(more) }),
  );
}

describe("a preview", () => {
  it("says that the rule would have fired three times in seven days, here", async () => {
    const answer = await preview({});
    expect(answer.incidents).toEqual(
      burstsMs.map((ago) => ({
        proxy: "edge",
        upstream: null,
        firedAt: new Date(nowMs - ago + 5 * minuteMs).toISOString(),
        resolvedAt: new Date(nowMs - ago + 15 * minuteMs).toISOString(),
      })),
    );
    expect(answer).toMatchObject({ step: 300, groups: 1, unknownGroups: 0 });
  });

  it.each([
    { name: "a waiting time that the bursts do not reach", more: { forSeconds: 900 }, fired: 0 },
    { name: "one day", more: { days: 1 }, fired: 1 },
    { name: "a threshold above them", more: { when: "error_rate_5m > 50%" }, fired: 0 },
    { name: "another proxy", more: { proxy: "other" }, fired: 0 },
    { name: "a window as long as the day", more: { when: "error_rate_1d > 0.2%" }, fired: 3 },
    { name: "latencies", more: { when: "p95_latency_15m > 10ms" }, fired: 1 },
  ])("knows $name", async ({ more, fired }) => {
    expect((await preview(more)).incidents).toHaveLength(fired);
  });

  it("refuses an expression with its column", async () => {
    await expect(preview({ when: "errors_5m > 1 and eror_rate_5m > 1" })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining("column 19"),
    });
  });

  it("agrees with the evaluation of the same rule at every step", async () => {
    const rule = { ...body({}), days: undefined };
    await upsertRule(test.database, project, {
      key: "own",
      origin: "own",
      file: null,
      enabled: true,
      definition: rule,
    });
    const evaluation = new RuleEvaluation(test.database, { project, keep });
    const states: string[] = [];
    for (let step = -1; step <= 4; step += 1) {
      await evaluation.evaluate(nowMs - 3 * hourMs + step * 5 * minuteMs);
      const alerts = await loadAlerts(test.database, project);
      states.push(alerts.find(({ ruleKey }) => ruleKey === "own")?.memory.state ?? "inactive");
    }
    expect(states).toEqual(["inactive", "inactive", "firing", "firing", "resolved", "resolved"]);
  });
});
