import { describe, expect, it } from "vitest";

import { effectsAt, incidents, type Effect } from "./incidents.ts";
import { exchangesOfSecond, type DemoExchange } from "./model.ts";
import type { VisitAttempt } from "./visit.ts";

const plan = { seed: 7, perSecond: 30, startedSecond: 1_795_000_000 };

/** Exchanges that began from one second after the start up to another. */
function exchangesOf(fromOffset: number, toOffset: number, seed = plan.seed): DemoExchange[] {
  return Array.from({ length: toOffset - fromOffset }, (_, place) =>
    exchangesOfSecond({ ...plan, seed }, plan.startedSecond + fromOffset + place),
  ).flat();
}

function during(kind: Effect["kind"]): DemoExchange[] {
  const incident = incidents.find(({ effect }) => effect.kind === kind);
  if (incident === undefined) throw new Error(`no incident is ${kind}`);
  return exchangesOf(incident.startsAt, incident.startsAt + incident.lasts);
}

/** Between the incidents. */
const everyday = exchangesOf(200, 330);

function attemptsAt(upstream: string, exchanges: readonly DemoExchange[]): VisitAttempt[] {
  return exchanges
    .flatMap(({ visit }) => visit?.attempts ?? [])
    .filter((attempt) => attempt.upstream === upstream);
}

function share<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.filter(holds).length / items.length;
}

function medianMs(attempts: readonly VisitAttempt[]): number {
  return (
    attempts.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b)[attempts.length >> 1] ??
    0
  );
}

function failed({ status }: VisitAttempt): boolean {
  return status === 503;
}

function hits(exchanges: readonly DemoExchange[]): number {
  const asked = exchanges.flatMap(({ visit }) =>
    visit === null || visit.cache === "bypass" ? [] : [visit],
  );
  return share(asked, ({ cache }) => cache === "hit");
}

describe("demo traffic", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(exchangesOf(0, 20)).toEqual(exchangesOf(0, 20));
    expect(exchangesOf(0, 20, 8)).not.toEqual(exchangesOf(0, 20));
  });

  it("has other trace ids in a later demo, but the same requests", () => {
    const later = { ...plan, startedSecond: plan.startedSecond + 90 };
    const [first = [], second = []] = [plan, later].map((each) =>
      exchangesOfSecond(each, each.startedSecond + 5),
    );
    expect(second.map(({ path, status }) => [path, status])).toEqual(
      first.map(({ path, status }) => [path, status]),
    );
    expect(new Set([...first, ...second].map(({ traceId }) => traceId)).size).toBe(
      first.length + second.length,
    );
  });

  it("comes at the rate that was asked for", () => {
    const perSecond = exchangesOf(0, 420).length / 420;
    expect(perSecond).toBeGreaterThan(28);
    expect(perSecond).toBeLessThan(34);
  });

  it("fails little on an everyday minute", () => {
    expect(share(everyday, ({ status }) => status >= 500)).toBeLessThan(0.005);
    expect(share(everyday, ({ status }) => status === 404)).toBeGreaterThan(0.005);
  });

  it("keeps attempts one after the other within the exchange that made them", () => {
    for (const { startMs, durationMs, visit } of everyday) {
      let freeMs = startMs;
      for (const attempt of visit?.attempts ?? []) {
        expect(attempt.startMs).toBeGreaterThanOrEqual(freeMs);
        freeMs = attempt.startMs + attempt.durationMs;
      }
      expect(freeMs).toBeLessThanOrEqual(startMs + durationMs);
    }
  });
});

describe("incidents of the demo", () => {
  it("begin within the first minute", () => {
    expect(Math.min(...incidents.map(({ startsAt }) => startsAt))).toBeLessThan(60);
  });

  it("are over sooner where that is asked for", () => {
    expect(effectsAt(60)).toHaveLength(1);
    expect(effectsAt(60, 45)).toHaveLength(0);
    expect(effectsAt(54, 45)).toHaveLength(1);
  });

  it("burst: the mirror fails, and the next one answers in its place", () => {
    const exchanges = during("failing");
    expect(share(attemptsAt("mirror-a.example", exchanges), failed)).toBeCloseTo(0.97, 1);
    expect(share(attemptsAt("mirror-b.example", exchanges), failed)).toBeLessThan(0.02);
    const saved = exchanges.filter(
      ({ visit }) =>
        visit?.status === 200 && visit.attempts.map(({ status }) => status).join() === "503,200",
    );
    expect(saved.length).toBeGreaterThan(100);
  });

  it("expired certificate: no attempt at the git host gets an answer, and private modules fail", () => {
    const attempts = attemptsAt("git.corp.example", during("expired-certificate"));
    expect(attempts.length).toBeGreaterThan(50);
    expect(new Set(attempts.map(({ tlsReason }) => tlsReason))).toEqual(
      new Set(["certificate_expired"]),
    );
    expect(new Set(attempts.map(({ status }) => status))).toEqual(new Set([null]));
  });

  it("cold cache: the hit ratio drops", () => {
    expect(hits(everyday)).toBeGreaterThan(0.75);
    expect(hits(during("cold-cache"))).toBeLessThan(0.3);
  });

  it("slow upstream: it takes many times as long, and some requests leave it", () => {
    const slow = attemptsAt("mirror-b.example", during("slow"));
    expect(medianMs(slow)).toBeGreaterThan(6 * medianMs(attemptsAt("mirror-b.example", everyday)));
    expect(slow.some(({ errorType }) => errorType === "http_response_timeout")).toBe(true);
  });
});
