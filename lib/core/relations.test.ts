import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Attempt } from "./exchange.ts";
import { relationsOf, servedBy } from "./relations.ts";

function attempt(facts: Partial<Attempt> & { upstream: string }): Attempt {
  return {
    endpoint: null,
    startUs: 0,
    durationUs: 10,
    status: 200,
    errorType: null,
    tlsReason: null,
    canceled: false,
    ...facts,
  };
}

/** Attempts one after the other, each of 10 µs. */
function chain(...facts: (Partial<Attempt> & { upstream: string })[]): Attempt[] {
  return facts.map((fact, at) => attempt({ startUs: at * 10, ...fact }));
}

const failed = { status: 503 };
const refused = { status: null, errorType: "connection_refused" as const };
const expired = {
  status: null,
  errorType: "tls_certificate_error" as const,
  tlsReason: "certificate_expired" as const,
};

describe("attempts in order", () => {
  it.each([
    ["one answer", chain({ upstream: "a" }), []],
    [
      "a retry at the same place",
      chain({ upstream: "a", ...failed }, { upstream: "a" }),
      ["retry a a status_5xx"],
    ],
    [
      "another endpoint of the same upstream",
      chain({ upstream: "a", endpoint: "1:1", ...failed }, { upstream: "a", endpoint: "2:1" }),
      ["failover a a status_5xx"],
    ],
    [
      "another upstream",
      chain({ upstream: "a", ...refused }, { upstream: "b" }),
      ["fallback a b transport"],
    ],
    [
      "a certificate that expired",
      chain({ upstream: "a", ...expired }, { upstream: "b" }),
      ["fallback a b tls"],
    ],
    [
      "404, and another mirror is asked",
      chain({ upstream: "a", status: 404 }, { upstream: "b" }),
      ["fallback a b not_found"],
    ],
    [
      "410, and another mirror is asked",
      chain({ upstream: "a", status: 410 }, { upstream: "b" }),
      ["fallback a b not_found"],
    ],
    [
      "404, and the same is asked again",
      chain({ upstream: "a", status: 404 }, { upstream: "a" }),
      [],
    ],
    [
      "too many requests",
      chain({ upstream: "a", status: 429 }, { upstream: "b" }),
      ["fallback a b status_429"],
    ],
    ["a good answer before another call", chain({ upstream: "a" }, { upstream: "b" }), []],
    ["a redirect", chain({ upstream: "a", status: 302 }, { upstream: "b" }), []],
    [
      "a chain of three",
      chain({ upstream: "a", ...failed }, { upstream: "b", ...refused }, { upstream: "c" }),
      ["fallback a b status_5xx", "fallback b c transport"],
    ],
    [
      "a hedge, which begins while the first still runs",
      [
        attempt({ upstream: "a", durationUs: 900_000, ...failed }),
        attempt({ upstream: "b", startUs: 100_000 }),
      ],
      [],
    ],
    [
      "a client that hung up",
      chain({ upstream: "a", status: null, canceled: true }, { upstream: "b" }),
      [],
    ],
  ])("%s", (_, attempts, expected) => {
    const told = relationsOf(attempts).map(
      ({ kind, from, to, cause }) => `${kind} ${from} ${to} ${cause}`,
    );
    expect(told).toEqual(expected);
  });

  it("relate at most once per step, and never lead out of a good answer", () => {
    const anyAttempt = fc.record({
      upstream: fc.constantFrom("a", "b", "c"),
      endpoint: fc.constantFrom(null, "1:1", "2:1"),
      status: fc.constantFrom(null, 200, 304, 404, 410, 429, 499, 500, 503),
      canceled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyAttempt, { maxLength: 12 }), (facts) => {
        const attempts = chain(...facts);
        const relations = relationsOf(attempts);
        expect(relations.length).toBeLessThanOrEqual(Math.max(0, attempts.length - 1));
        for (const { atUs, from, to, kind } of relations) {
          const left = attempts[atUs / 10];
          expect(left?.status === 200 || left?.status === 304).toBe(false);
          expect([from, to]).toEqual([left?.upstream, attempts[atUs / 10 + 1]?.upstream]);
          expect(kind === "fallback").toBe(from !== to);
        }
      }),
    );
  });
});

describe("the upstream whose answer the client got", () => {
  it.each([
    ["none without attempts", [], null],
    ["the only one", chain({ upstream: "a", ...failed }), "a"],
    ["the first that did not fail", chain({ upstream: "a", ...failed }, { upstream: "b" }), "b"],
    [
      "the last, when all failed",
      chain({ upstream: "a", ...failed }, { upstream: "b", ...refused }),
      "b",
    ],
  ])("is %s", (_, attempts, expected) => {
    expect(servedBy(attempts)).toBe(expected);
  });
});
