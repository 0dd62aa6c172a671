import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sloAnswer } from "#lib/contract/slos.ts";
import { keepMsDefault } from "#lib/core/keep.ts";
import { closeBuckets } from "#lib/rollup/close.ts";
import { RuleEvaluation } from "#lib/run/evaluate-rules.ts";
import { readSlo, readSlos } from "#lib/run/read-slos.ts";
import { loadAlerts } from "#lib/store/alerts.ts";
import { insertCorrection, upsertSlo } from "#lib/store/slos.ts";

import { fillRollups } from "./fill-rollups.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
const keep = keepMsDefault;
const hourMs = 3_600_000;
const minuteMs = 60_000;
/** On the hour, so that hours of slices are whole. */
const nowMs = Math.floor(Date.now() / hourMs) * hourMs;
const asked = { project, nowMs, keep };
let test: TestDatabase;

const day = {
  name: "Day",
  indicator: "availability",
  proxy: "edge",
  objectivePpm: 990_000,
  window: { kind: "rolling", days: 1 },
} as const;

beforeAll(async () => {
  test = await testDatabase();
  const fillings = Array.from({ length: 24 * 60 }, (_, minute) => ({
    atMs: nowMs - (minute + 1) * minuteMs,
    requests: 10,
    // Half of everything fails in the last 30 minutes, and six hours ago for ten minutes.
    errors: minute < 30 || (minute >= 360 && minute < 370) ? 5 : 0,
    latencyMs: minute < 60 ? 900 : 20,
  }));
  await fillRollups(test.database, project, fillings);
  await fillRollups(test.database, project, [
    { atMs: nowMs - 370 * minuteMs, requests: 90, errors: 45, upstream: "origin" },
    { atMs: nowMs - 30 * minuteMs, requests: 90, errors: 30, upstream: "mirror" },
  ]);
  await closeBuckets(test.database, nowMs, keep);
});
afterAll(() => test.drop());

describe("an objective over a rolling day", () => {
  it("tells its numbers, what they allow, and how they come about", async () => {
    await upsertSlo(test.database, project, "day", day);
    const answer = sloAnswer.parse(await readSlo(test.database, asked, "day"));
    expect(answer.status).toMatchObject({
      state: "exhausted",
      from: new Date(nowMs - minuteMs - 24 * hourMs).toISOString(),
      to: new Date(nowMs - minuteMs).toISOString(),
      total: 14_390,
      bad: 195,
      allowedBad: 143.9,
      exhaustedInSeconds: 0,
      coverage: 1,
    });
    expect(answer.status?.remaining).toBeCloseTo(1 - 195 / 143.9, 9);
    expect(answer.status?.formula).toBe(
      "99 % good allows 1 % of 14,390 events to be bad: 143.9. 195 were bad, so -51.1 are left.",
    );
    expect(answer.spenders).toContainEqual({ kind: "status", name: "500", bad: 195 });
    expect(answer.spenders.filter(({ kind }) => kind === "upstream")).toEqual([
      { kind: "upstream", name: "origin", bad: 45 },
      { kind: "upstream", name: "mirror", bad: 30 },
    ]);
    expect(answer.burnDown.at(-1)?.remaining).toBeCloseTo(answer.status?.remaining ?? 0, 9);
    expect(answer.burnDown[0]?.remaining).toBe(1);
    expect(answer.burnDown.at(-1)?.even).toBe(0);
  });

  it("does not count what a correction takes out, good or bad", async () => {
    await upsertSlo(test.database, project, "corrected", day);
    await insertCorrection(test.database, project, {
      sloKey: "corrected",
      fromMs: nowMs - 30 * minuteMs,
      toMs: nowMs,
      reason: "Planned move of the cache",
      author: "ops",
    });
    const answer = await readSlo(test.database, asked, "corrected");
    expect(answer?.status).toMatchObject({ total: 14_100, bad: 50, state: "healthy" });
    expect(answer?.corrections).toMatchObject([{ reason: "Planned move of the cache" }]);
  });

  it("says that it does not know where too little was observed", async () => {
    await upsertSlo(test.database, project, "month", {
      ...day,
      window: { kind: "rolling", days: 30 },
    });
    const answer = await readSlo(test.database, asked, "month");
    expect(answer?.status?.state).toBe("no_data");
    expect(answer?.status?.coverage).toBeCloseTo(24 / 720, 2);
    const later = await readSlo(test.database, { ...asked, nowMs: nowMs + 20 * minuteMs }, "day");
    expect(later?.status?.state).toBe("no_data");
  });
});

describe("other objectives", () => {
  it.each([
    {
      name: "latency: a share under a threshold",
      slo: { ...day, indicator: "latency", thresholdMs: 500 },
      status: { total: 14_390, bad: 590 },
    },
    {
      name: "slices of five minutes",
      slo: {
        ...day,
        budgeting: { kind: "timeslices", sliceSeconds: 300, sliceTargetPpm: 950_000 },
      },
      status: { total: 288, bad: 8, allowedBad: 2.88 },
    },
    {
      name: "slices of a month, as far back as minutes are kept",
      slo: {
        ...day,
        window: { kind: "rolling", days: 30 },
        budgeting: { kind: "timeslices", sliceSeconds: 300, sliceTargetPpm: 950_000 },
      },
      status: { bad: 8, projectedTotal: 8_640 },
    },
    {
      name: "freshness: minutes without a record",
      slo: { ...day, indicator: "freshness", budgeting: { kind: "timeslices", sliceSeconds: 60 } },
      status: { total: 1_440, bad: 1 },
    },
    {
      name: "one upstream",
      slo: { ...day, upstream: "origin", coverageMinPpm: 0 },
      status: { total: 90, bad: 45 },
    },
  ])("$name", async ({ slo, status }) => {
    await upsertSlo(test.database, project, "other", slo);
    // What is still kept is told by the real time.
    const now = { ...asked, nowMs: Date.now() };
    expect((await readSlo(test.database, now, "other"))?.status).toMatchObject(status);
  });

  it("expect of a calendar period what its traffic so far says", async () => {
    const window = { kind: "calendar", unit: "year", zone: "Europe/Berlin" } as const;
    await upsertSlo(test.database, project, "year", { ...day, window, coverageMinPpm: 0 });
    const status = (await readSlo(test.database, asked, "year"))?.status;
    expect(status?.projectedTotal).toBeGreaterThan(status?.total ?? 0);
    expect(status?.allowedBad).toBeCloseTo((status?.projectedTotal ?? 0) / 100, 6);
    expect(status?.formula).toContain("expected in the whole period");
  });

  it("tell how the months before ended, as long as hours are kept", async () => {
    const today = new Date(nowMs);
    const months = [1, 2].map((back) =>
      Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 15, 12),
    );
    const [last = 0, before = 0] = months;
    await fillRollups(test.database, project, [
      { atMs: last, requests: 1_000, errors: 5 },
      { atMs: before, requests: 1_000, errors: 30 },
    ]);
    await closeBuckets(test.database, nowMs, keep);
    await upsertSlo(test.database, project, "months", day);
    const history = (await readSlo(test.database, asked, "months"))?.history;
    expect(
      history?.map(({ from, total, bad, remaining }) => ({ from, total, bad, remaining })),
    ).toEqual([
      { from: monthStart(last), total: 1_000, bad: 5, remaining: 0.5 },
      { from: monthStart(before), total: 1_000, bad: 30, remaining: -2 },
    ]);
  });

  it("are listed with the ready-made one", async () => {
    const items = await readSlos(test.database, asked);
    expect(items.map(({ key }) => key)).toContain("availability");
    expect(items.find(({ key }) => key === "availability")?.origin).toBe("ready-made");
  });
});

describe("burn rates", () => {
  it("page when hours of budget burn in minutes, with the numbers in the alert", async () => {
    const evaluation = new RuleEvaluation(test.database, { project, keep });
    await evaluation.evaluate(nowMs - 1);
    const alerts = await loadAlerts(test.database, project);
    const page = alerts.find(({ ruleKey }) => ruleKey === "slo-availability-page");
    expect(page?.memory.state).toBe("firing");
    expect(page?.labels).toMatchObject({ slo: "availability", severity: "page" });
    expect(page?.annotations["summary"]).toContain("burn_1h");
    expect(page?.values).toContainEqual(
      expect.objectContaining({ name: "burn_5m", unit: "factor" }),
    );
    expect(alerts.some(({ ruleKey }) => ruleKey === "slo-corrected-page")).toBe(false);
  });

  it("stand beside the objective with the factors of its window", async () => {
    const answer = await readSlo(test.database, asked, "availability");
    expect(answer?.burnRates.map(({ factor }) => factor)).toEqual([14.4, 6, 3, 1]);
    expect(answer?.burnRates[0]?.short).toBeCloseTo(500, 0);
    expect(answer?.firing).toBeGreaterThan(0);
  });
});

function monthStart(timeMs: number): string {
  const time = new Date(timeMs);
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 1)).toISOString();
}
