import { describe, expect, it } from "vitest";

import { sloDefinition, sloStatus, type SloSpender } from "#lib/contract/slos.ts";

import { prepareSpenders } from "./prepare-spenders.ts";

const from = "2026-11-01T00:00:00.000Z";
const recordsFrom = "2026-11-20T00:00:00.000Z";
const to = "2026-11-21T00:00:00.000Z";

function slo(spenders: SloSpender[], definition: object = {}) {
  return {
    spenders,
    recordsFrom,
    definition: sloDefinition.parse({
      name: "One",
      indicator: "availability",
      proxy: "edge",
      objectivePpm: 999_000,
      window: { kind: "rolling", days: 30 },
      ...definition,
    }),
    status: sloStatus.parse({
      state: "healthy",
      from,
      to,
      periodEnd: to,
      total: 1_000,
      bad: 40,
      projectedTotal: 1_000,
      allowedBad: 1,
      remainingEvents: 1,
      remaining: 1,
      errorRate: 0,
      burn: 0,
      coverage: 1,
      countedFrom: null,
      isFilling: false,
      exhaustedInSeconds: null,
      formula: "",
    }),
  };
}

function addressOf(spender: Omit<SloSpender, "bad">, definition: object = {}): URL | null {
  const [group] = prepareSpenders(slo([{ ...spender, bad: 4 }], definition));
  const address = group?.rows[0]?.address ?? null;
  return address === null ? null : new URL(address, "http://viascope");
}

describe("what spent a budget", () => {
  it("comes by kind, with its share where it is of the same events", () => {
    const groups = prepareSpenders(
      slo([
        { kind: "status", name: "503", bad: 10 },
        { kind: "upstream", name: "origin", bad: 90 },
        { kind: "status", name: "500", bad: 30 },
      ]),
    );
    expect(groups.map(({ kind }) => kind)).toEqual(["upstream", "status"]);
    expect(groups.flatMap(({ rows }) => rows.map(({ share }) => share))).toEqual([
      null,
      0.25,
      0.75,
    ]);
  });

  const upstream = { kind: "upstream", name: "origin" } as const;
  it.each([
    { spender: upstream, asked: { upstream: "origin", module: null, endpoint: null, from } },
    {
      spender: { kind: "module", name: "a.com/x/y" } as const,
      asked: { module: "a.com/x/y", from: recordsFrom },
    },
    {
      spender: { kind: "errorType", name: "dns_error" } as const,
      asked: { errorType: "dns_error", module: "a.com/x" },
    },
    {
      spender: { kind: "status", name: "0" } as const,
      asked: { status: "0", endpoint: "zip", from },
    },
    { spender: { kind: "endpoint", name: "list" } as const, asked: { endpoint: "list" } },
  ])("leads to its exchanges: $spender.kind", ({ spender, asked }) => {
    const address = addressOf(spender, { module: "a.com/x", endpoint: "zip" });
    expect(address?.pathname).toBe("/exchanges");
    const found = { proxy: "edge", bad: "availability", to, ...asked };
    for (const [name, value] of Object.entries(found)) {
      expect(address?.searchParams.get(name)).toBe(value);
    }
  });

  it("says how slow is too slow", () => {
    const address = addressOf(upstream, { indicator: "latency", thresholdMs: 900 });
    expect(address?.searchParams.get("thresholdMs")).toBe("900");
  });

  it.each([
    { name: "names that share one number", spender: { kind: "module", name: "(other)" } as const },
    { name: "what is no endpoint", spender: { kind: "endpoint", name: "other" } as const },
  ])("leads nowhere for $name", ({ spender }) => {
    expect(addressOf(spender)).toBeNull();
  });
});
