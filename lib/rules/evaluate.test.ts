import { describe, expect, it } from "vitest";

import type { Group, Measured, OwnState, Received } from "#lib/core/measured.ts";
import { SketchSum } from "#lib/core/sketch.ts";
import { zeroCounts, type Counts } from "#lib/core/sums.ts";

import { compileRule, type CompiledRule } from "./compiled-rule.ts";
import { evaluateRule, GroupReading, isAbout } from "./evaluate.ts";
import { catalogue, metricOf } from "./metrics.ts";
import { readyMadeRules } from "./ready-made.ts";

const nowMs = 1_790_000_000_000;

interface Facts {
  readonly counts?: Partial<Counts>;
  readonly statuses?: Record<number, number>;
  readonly latencyMs?: readonly number[];
  readonly fallbacks?: number;
  readonly tls?: Record<string, number>;
}

function measured({
  counts = {},
  statuses = {},
  latencyMs = [],
  fallbacks = 0,
  tls = {},
}: Facts): Measured {
  const sketch = new SketchSum();
  for (const ms of latencyMs) sketch.add(ms * 1_000);
  return {
    sums: {
      counts: { ...zeroCounts(), ...counts },
      statuses: new Map(Object.entries(statuses).map(([code, times]) => [Number(code), times])),
      latency: sketch.toSketch(),
      lastMs: nowMs,
    },
    relations: { retry: 0, failover: 0, fallback: fallbacks },
    tls: new Map(Object.entries(tls)),
    endpoints: new Map(),
    modules: new Map(),
  };
}

function group(windows: Record<number, Facts>, more: Partial<Group> = {}): Group {
  return {
    proxy: "edge",
    upstream: null,
    windows: new Map(
      Object.entries(windows).map(([seconds, facts]) => [Number(seconds), measured(facts)]),
    ),
    lastMs: nowMs - 5_000,
    unavailableInRow: null,
    clockOffMs: null,
    certificateEndsMs: null,
    ...more,
  };
}

function readyMade(key: string): CompiledRule {
  const found = readyMadeRules.find((rule) => rule.key === key);
  const rule = found === undefined ? null : compileRule(key, found.definition);
  if (rule === null || "message" in rule) throw new Error(`${key}: ${rule?.message ?? "missing"}`);
  return rule;
}

const nothingOfOneself: OwnState = {
  diskUsed: null,
  diskLeftSeconds: null,
  spoolUsed: null,
  received: null,
};
const nothingReceived: Received = {
  recordsStored: 0,
  recordsRefused: 0,
  requestsTaken: 0,
  requestsRefused: 0,
  lost: 0,
};

const upstream = { upstream: "origin", unavailableInRow: 0 };
const requests = (count: number, errors = 0): Facts => ({ counts: { requests: count, errors } });

describe("the ready-made rule", () => {
  const fast = Array.from({ length: 94 }, () => 20);
  const rows: { key: string; name: string; of: Group; outcome: string }[] = [
    {
      key: "error-burst",
      name: "fires on 12 of 100",
      of: group({ 60: { counts: { requests: 100 }, statuses: { 200: 88, 502: 12 } } }),
      outcome: "true",
    },
    {
      key: "error-burst",
      name: "is quiet at 10 of 100",
      of: group({ 60: { counts: { requests: 100 }, statuses: { 503: 10 } } }),
      outcome: "false",
    },
    {
      key: "error-burst",
      name: "says nothing at 19 requests",
      of: group({ 60: { counts: { requests: 19 }, statuses: { 503: 19 } } }),
      outcome: "insufficient_traffic",
    },
    {
      key: "error-burst",
      name: "does not take 404 for an error",
      of: group({ 60: { counts: { requests: 50 }, statuses: { 404: 50 } } }),
      outcome: "false",
    },
    {
      key: "upstream-down",
      name: "fires when all fail",
      of: group({ 60: requests(5, 5) }, upstream),
      outcome: "true",
    },
    {
      key: "upstream-down",
      name: "is quiet at 9 of 10",
      of: group({ 60: requests(10, 9) }, upstream),
      outcome: "false",
    },
    {
      key: "unavailable-in-row",
      name: "fires at 3",
      of: group({}, { ...upstream, unavailableInRow: 3 }),
      outcome: "true",
    },
    {
      key: "unavailable-in-row",
      name: "is quiet at 2",
      of: group({}, { ...upstream, unavailableInRow: 2 }),
      outcome: "false",
    },
    {
      key: "errors-and-slow",
      name: "fires on both",
      of: group({
        300: {
          ...requests(100, 1),
          latencyMs: [...fast, ...Array.from({ length: 6 }, () => 1_500)],
        },
      }),
      outcome: "true",
    },
    {
      key: "errors-and-slow",
      name: "is quiet when fast",
      of: group({ 300: { ...requests(100, 9), latencyMs: fast } }),
      outcome: "false",
    },
    {
      key: "errors-and-slow",
      name: "is quiet without errors",
      of: group({ 300: { ...requests(100), latencyMs: [5_000] } }),
      outcome: "false",
    },
    {
      key: "slow-upstream",
      name: "fires above 2.5 s",
      of: group({ 300: { ...requests(20), latencyMs: [2_600] } }, upstream),
      outcome: "true",
    },
    {
      key: "slow-upstream",
      name: "does not know without latencies",
      of: group({ 300: requests(20) }, upstream),
      outcome: "unknown",
    },
    {
      key: "hit-ratio-drop",
      name: "fires when it halves",
      of: group({
        900: { counts: { requests: 200, cacheHit: 80, cacheMiss: 120 } },
        86400: { counts: { requests: 9_000, cacheHit: 8_000, cacheMiss: 1_000 } },
      }),
      outcome: "true",
    },
    {
      key: "hit-ratio-drop",
      name: "is quiet without a cache",
      of: group({ 900: requests(200), 86400: requests(9_000) }),
      outcome: "false",
    },
    {
      key: "fallback-surge",
      name: "fires at twice the day",
      of: group({
        300: { ...requests(100), fallbacks: 12 },
        86400: { ...requests(9_000), fallbacks: 90 },
      }),
      outcome: "true",
    },
    {
      key: "fallback-surge",
      name: "is quiet at the usual",
      of: group({
        300: { ...requests(100), fallbacks: 12 },
        86400: { ...requests(9_000), fallbacks: 900 },
      }),
      outcome: "false",
    },
    {
      key: "fallback-surge",
      name: "fires above 30 % from the first minute",
      of: group({
        300: { ...requests(40), fallbacks: 20 },
        86400: { ...requests(40), fallbacks: 20 },
      }),
      outcome: "true",
    },
    {
      key: "rejection-storm",
      name: "fires on 429",
      of: group({ 300: { counts: { requests: 100 }, statuses: { 429: 10 } } }, upstream),
      outcome: "true",
    },
    {
      key: "rejection-storm",
      name: "is quiet at 19 times 403",
      of: group({ 300: { counts: { requests: 100 }, statuses: { 403: 19 } } }, upstream),
      outcome: "false",
    },
    {
      key: "upstream-tls-failures",
      name: "fires on three",
      of: group({ 300: { ...requests(10), tls: { "upstream:certificate_expired": 3 } } }, upstream),
      outcome: "true",
    },
    {
      key: "client-tls-failures",
      name: "does not count the upstream's side",
      of: group({ 300: { ...requests(10), tls: { "upstream:unknown_ca": 30 } } }),
      outcome: "false",
    },
    {
      key: "certificate-expiry",
      name: "does not know without probes",
      of: group({}, upstream),
      outcome: "unknown",
    },
    {
      key: "certificate-expiry",
      name: "fires within 14 days",
      of: group({}, { ...upstream, certificateEndsMs: nowMs + 13 * 86_400_000 }),
      outcome: "true",
    },
    {
      key: "ingest-silence",
      name: "fires after five minutes",
      of: group({ 86400: requests(500) }, { lastMs: nowMs - 301_000 }),
      outcome: "true",
    },
    {
      key: "ingest-silence",
      name: "is quiet about a quiet proxy",
      of: group({ 86400: requests(499) }, { lastMs: nowMs - 301_000 }),
      outcome: "false",
    },
    {
      key: "clock-skew",
      name: "fires at 31 s",
      of: group({}, { lastMs: nowMs + 31_000 }),
      outcome: "true",
    },
    {
      key: "clock-skew",
      name: "fires on a sender whose clock is measured as off",
      of: group({}, { clockOffMs: 5_100 }),
      outcome: "true",
    },
    {
      key: "clock-skew",
      name: "is quiet about what a batch may take",
      of: group({}, { clockOffMs: 4_900 }),
      outcome: "false",
    },
    {
      key: "low-volume-errors",
      name: "fires on 5 of 40",
      of: group({ 21600: requests(40, 5) }),
      outcome: "true",
    },
  ];
  const own = (state: Partial<OwnState>) =>
    group({}, { own: { ...nothingOfOneself, ...state }, lastMs: null });
  const received = (counts: Partial<Received>) =>
    own({ received: { ...nothingReceived, ...counts } });
  const ownRows: typeof rows = [
    {
      key: "disk-filling",
      name: "fires six days before the disk is full",
      of: own({ diskLeftSeconds: 6 * 86_400 }),
      outcome: "true",
    },
    {
      key: "disk-filling",
      name: "does not know before there are two days to reckon from",
      of: own({ diskUsed: 0.5 }),
      outcome: "unknown",
    },
    {
      key: "disk-full-tomorrow",
      name: "is quiet two days before",
      of: own({ diskLeftSeconds: 2 * 86_400 }),
      outcome: "false",
    },
    {
      key: "disk-nearly-full",
      name: "fires at 96 %, whatever the growth",
      of: own({ diskUsed: 0.96 }),
      outcome: "true",
    },
    {
      key: "spool-nearly-full",
      name: "fires above 80 %",
      of: own({ spoolUsed: 0.81 }),
      outcome: "true",
    },
    {
      key: "spool-nearly-full",
      name: "does not know without a spool",
      of: own({}),
      outcome: "unknown",
    },
    {
      key: "telemetry-refused",
      name: "fires on 60 of 1,000 records",
      of: received({ recordsStored: 940, recordsRefused: 60 }),
      outcome: "true",
    },
    {
      key: "telemetry-refused",
      name: "is quiet at 60 of 100,000",
      of: received({ recordsStored: 100_000, recordsRefused: 60, requestsTaken: 200 }),
      outcome: "false",
    },
    {
      key: "telemetry-refused",
      name: "fires when all requests are refused",
      of: received({ requestsRefused: 20 }),
      outcome: "true",
    },
    {
      key: "telemetry-refused",
      name: "is quiet when nobody sends",
      of: received({}),
      outcome: "false",
    },
    {
      key: "telemetry-refused",
      name: "does not know when no process tells",
      of: own({}),
      outcome: "unknown",
    },
    {
      key: "telemetry-lost",
      name: "fires on one message",
      of: received({ recordsStored: 1_000_000, lost: 1 }),
      outcome: "true",
    },
    {
      key: "token-expiry",
      name: "fires six days before",
      of: group({}, { token: "edge", tokenExpiresMs: nowMs + 6 * 86_400_000 }),
      outcome: "true",
    },
    {
      key: "token-expiry",
      name: "is quiet eight days before",
      of: group({}, { token: "edge", tokenExpiresMs: nowMs + 8 * 86_400_000 }),
      outcome: "false",
    },
  ];
  it.each([...rows, ...ownRows])("$key $name", ({ key, of, outcome }) => {
    expect(evaluateRule(readyMade(key), new GroupReading(of, nowMs)).outcome).toBe(outcome);
  });

  it("reads, explains itself, and is alone with its key", () => {
    for (const { key, definition } of readyMadeRules) {
      expect(readyMade(key).key).toBe(key);
      expect(definition.description.length).toBeGreaterThan(40);
    }
    expect(new Set(readyMadeRules.map((rule) => rule.key)).size).toBe(readyMadeRules.length);
  });
});

describe("recovery", () => {
  it.each([
    { rate: 8, recovered: false },
    { rate: 4, recovered: true },
  ])("of a burst at $rate % is $recovered", ({ rate, recovered }) => {
    const of = group({ 60: { counts: { requests: 100 }, statuses: { 500: rate } } });
    expect(evaluateRule(readyMade("error-burst"), new GroupReading(of, nowMs))).toEqual({
      outcome: "false",
      recovered,
    });
  });
});

describe("a rule is about", () => {
  const definition = readyMade("upstream-down").definition;
  it.each([
    { proxy: "edge*", upstream: null, of: ["edge-1", "a"], about: true },
    { proxy: "*-1", upstream: "*.example.com", of: ["edge-1", "go.example.com"], about: true },
    { proxy: "e*e*1", upstream: null, of: ["edge-1", "a"], about: true },
    { proxy: "edge", upstream: null, of: ["edge-1", "a"], about: false },
    { proxy: "ab*ba", upstream: null, of: ["aba", "a"], about: false },
    { proxy: null, upstream: null, of: ["edge-1", null], about: false },
  ])(
    "$of with $proxy and $upstream: $about",
    ({ proxy, upstream: pattern, of: [name, at], about }) => {
      const measurand = { proxy: name ?? "", upstream: at ?? null };
      expect(isAbout({ ...definition, proxy, upstream: pattern }, measurand)).toBe(about);
    },
  );
});

describe("the catalogue", () => {
  it("names only metrics that exist, and says what they are", () => {
    for (const { name, windowed, description } of catalogue()) {
      expect(metricOf(windowed ? `${name}_5m` : name)?.name).toBe(windowed ? `${name}_5m` : name);
      expect(description).not.toBe("");
    }
  });

  it.each(["status_418_1m", "status_4xx_rate_1h", "tls_unknown_ca_1d", "status_0_5m"])(
    "knows the family of %s",
    (name) => {
      expect(metricOf(name)).not.toBeNull();
    },
  );

  it.each([
    "status_618_1m",
    "tls_weather_1d",
    "status_5m",
    "error_rate",
    "error_rate_4m",
    "__proto___5m",
    "constructor",
  ])("does not know %s", (name) => {
    expect(metricOf(name)).toBeNull();
  });
});
