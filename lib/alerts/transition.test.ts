import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";

import {
  noDataPolicies,
  outcomes,
  type AlertMemory,
  type AlertState,
  type Outcome,
} from "#lib/core/alert.ts";

import { endAlert } from "./end-alert.ts";
import { outageToleratedMs, transition, type AlertTiming, type Change } from "./transition.ts";

const minute = 60_000;
const plain: AlertTiming = {
  forSeconds: 0,
  keepFiringForSeconds: 0,
  onNoData: "keep",
  hasRecovery: false,
};
const letters: Record<string, Outcome> = {
  T: "true",
  f: "false",
  "?": "unknown",
  e: "error",
  l: "insufficient_traffic",
};
const short: Record<AlertState, string> = {
  inactive: ".",
  pending: "p",
  firing: "F",
  recovering: "r",
  resolved: "x",
};

interface Run {
  readonly states: string;
  readonly changes: readonly Change[];
  readonly memory: AlertMemory | null;
}

/** Evaluates one letter a minute; capital R is false with recovery, T true, f false. */
function run(outcomeLetters: string, timing: Partial<AlertTiming>): Run {
  let memory: AlertMemory | null = null;
  let states = "";
  const changes: Change[] = [];
  for (const [place, letter] of outcomeLetters.split("").entries()) {
    const outcome = letter === "R" ? "false" : (letters[letter] ?? "error");
    const verdict = { outcome, recovered: letter === "R" };
    const next = transition(memory, verdict, place * minute, { ...plain, ...timing });
    memory = next.memory;
    states += short[memory?.state ?? "inactive"];
    if (next.change !== null) changes.push(next.change);
  }
  return { states, changes, memory };
}

function endAfter(outcomeLetters: string, timing: Partial<AlertTiming>) {
  const { memory } = run(outcomeLetters, timing);
  if (memory === null) throw new Error("inactive");
  return endAlert(memory, 10 * minute, "The rule was deleted.");
}

describe("an alert moves", () => {
  const rows: { name: string; timing: Partial<AlertTiming>; in: string; out: string }[] = [
    { name: "at once without a waiting time", timing: {}, in: "fTTff", out: ".FFxx" },
    { name: "after its waiting time", timing: { forSeconds: 120 }, in: "TTTTf", out: "ppFFx" },
    {
      name: "not when the condition ends before",
      timing: { forSeconds: 180 },
      in: "TTfTT",
      out: "pp.pp",
    },
    {
      name: "as promtool has it: for 2m, keep 3m, true 1-4 m, resolved at 8 m",
      timing: { forSeconds: 120, keepFiringForSeconds: 180 },
      in: "fTTTTffff",
      out: ".ppFFrrrx",
    },
    {
      name: "back to firing in recovery, and waits anew",
      timing: { keepFiringForSeconds: 120 },
      in: "TffTfff",
      out: "FrrFrrx",
    },
    {
      name: "nowhere while nobody can say",
      timing: { forSeconds: 60 },
      in: "T?TT??lef",
      out: "ppFFFFFFx",
    },
    {
      name: "to firing without data where the rule asks for it",
      timing: { forSeconds: 60, onNoData: "alert" },
      in: "???f",
      out: "pFFx",
    },
    {
      name: "not to firing by low traffic, whatever the rule asks",
      timing: { onNoData: "alert" },
      in: "lll",
      out: "...",
    },
    {
      name: "to resolved without data where the rule asks for it",
      timing: { onNoData: "resolve" },
      in: "TT?",
      out: "FFx",
    },
    {
      name: "to resolved by low traffic where the rule asks for it",
      timing: { onNoData: "resolve" },
      in: "TTl",
      out: "FFx",
    },
    { name: "nowhere by an error", timing: { onNoData: "resolve" }, in: "TeeT", out: "FFFF" },
    {
      name: "out of firing only by its condition of recovery",
      timing: { hasRecovery: true },
      in: "TfffR",
      out: "FFFFx",
    },
    {
      name: "out of recovery when it no longer recovers",
      timing: { hasRecovery: true, keepFiringForSeconds: 120 },
      in: "TRfRRR",
      out: "FrFrrx",
    },
    {
      name: "into a new incident after it was resolved",
      timing: { forSeconds: 60 },
      in: "TTfTT",
      out: "pFxpF",
    },
  ];
  it.each(rows)("$name: $in", ({ timing, in: letterRow, out }) => {
    expect(run(letterRow, timing).states).toBe(out);
  });

  it("and forgets that it was resolved after a quarter of an hour", () => {
    expect(run(`Tf${"f".repeat(16)}`, {}).states).toBe(`F${"x".repeat(15)}..`);
  });

  it("and remembers since when nobody can say", () => {
    expect(run("TT??", {}).memory?.unknownAtMs).toBe(2 * minute);
    expect(run("TT??T", {}).memory?.unknownAtMs).toBeNull();
  });
});

describe("waiting times", () => {
  const timing = { ...plain, forSeconds: 7_200 };
  const begun = transition(null, { outcome: "true", recovered: null }, 0, timing).memory;

  it.each([
    { name: "run on through a restart", pauseMs: outageToleratedMs, activeAtMs: 0 },
    {
      name: "start anew after a long outage",
      pauseMs: outageToleratedMs + 1,
      activeAtMs: outageToleratedMs + 1,
    },
  ])("$name", ({ pauseMs, activeAtMs }) => {
    const next = transition(begun, { outcome: "true", recovered: null }, pauseMs, timing);
    expect(next.memory?.activeAtMs).toBe(activeAtMs);
    expect(next.memory?.state).toBe("pending");
  });
});

describe("an alert that is ended from outside", () => {
  it("is resolved and told so, with the reason", () => {
    expect(endAfter("T", {})).toMatchObject({
      memory: { state: "resolved", resolvedAtMs: 10 * minute },
      change: { notify: "resolved", reason: "The rule was deleted." },
    });
  });

  it("is forgotten quietly where nobody heard of it", () => {
    expect(endAfter("T", { forSeconds: 300 })).toMatchObject({
      memory: null,
      change: { notify: null },
    });
    expect(endAfter("Tf", {}).change).toBeNull();
  });
});

describe("any series of outcomes", () => {
  const timings = record({
    forSeconds: constantFrom(0, 60, 150, 300),
    keepFiringForSeconds: constantFrom(0, 60, 150),
    onNoData: constantFrom(...noDataPolicies),
    hasRecovery: constantFrom(true, false),
  });
  const steps = array(
    record({
      outcome: constantFrom(...outcomes),
      recovered: constantFrom(true, false, null),
      afterMs: integer({ min: 1, max: 4_000_000 }),
    }),
    { maxLength: 60 },
  );

  it("tells of firing and resolved in turns, firing first", () => {
    assert(
      property(steps, timings, (series, timing) => {
        let memory: AlertMemory | null = null;
        let nowMs = 0;
        const told: string[] = [];
        for (const { afterMs, ...verdict } of series) {
          nowMs += afterMs;
          const next = transition(memory, verdict, nowMs, timing);
          memory = next.memory;
          if (next.change?.notify != null) told.push(next.change.notify);
        }
        expect(told).toEqual(told.map((_, place) => (place % 2 === 0 ? "firing" : "resolved")));
        const open = memory !== null && ["firing", "recovering"].includes(memory.state);
        expect(open).toBe(told.length % 2 === 1);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never fires before its waiting time, and never resolves what nobody can judge", () => {
    assert(
      property(steps, timings, (series, timing) => {
        let memory: AlertMemory | null = null;
        let nowMs = 0;
        for (const { afterMs, ...verdict } of series) {
          nowMs += afterMs;
          const next = transition(memory, verdict, nowMs, timing);
          memory = next.memory;
          const { notify = null } = next.change ?? {};
          const waitedMs = nowMs - (memory?.activeAtMs ?? nowMs);
          expect(notify !== "firing" || waitedMs >= timing.forSeconds * 1000).toBe(true);
          const judged = verdict.outcome === "false" || timing.onNoData === "resolve";
          expect(notify !== "resolved" || judged).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
