import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { HttpFacts, SpanRecord } from "#lib/decode/otlp-traces.ts";
import { placedNames, placedRows } from "#tests/placed-rows.ts";

import { TraceAssembly, type RelationChange } from "./trace-assembly.ts";
import { wholeExchanges } from "./whole-exchanges.ts";

const noFacts: HttpFacts = {
  method: "GET",
  status: 200,
  path: "/rsc.io/quote/@v/list",
  route: null,
  upstream: null,
  endpoint: null,
  cacheWord: null,
  errorType: null,
  bytes: null,
  resendCount: null,
  tlsReason: null,
  tlsSide: null,
  upstreamAddr: null,
  upstreamStatus: null,
  upstreamResponseTime: null,
};

interface Facts {
  readonly id: number;
  readonly parent?: number;
  readonly kind: 1 | 2 | 3;
  readonly atUs?: number;
  readonly http?: Partial<HttpFacts>;
}

function span({ id, parent = 0, kind, atUs = id * 1_000, http = {} }: Facts): SpanRecord {
  return {
    position: id,
    service: "edge",
    instance: null,
    traceHigh: 7,
    traceLow: 9,
    spanHigh: 1,
    spanLow: id,
    parentHigh: parent === 0 ? 0 : 1,
    parentLow: parent,
    kind,
    startUs: atUs,
    durationUs: 500,
    failed: false,
    http: kind === 1 ? null : { ...noFacts, ...http },
  };
}

const limits = { keepMs: 30_000, spansMax: 65_536 };

/** All relations after the spans came one by one, as `from>to` → count. */
function relationsAfter(spans: readonly SpanRecord[]): Record<string, number> {
  const assembly = new TraceAssembly(limits);
  return sumOf(spans.flatMap((one) => assembly.take([placedRows([one])], 0).relations));
}

function sumOf(changes: readonly RelationChange[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { relation, count } of changes) {
    const [from, to] = [relation.from, relation.to].map((id) => placedNames.texts[id - 1]);
    const key = `${relation.kind} ${from}>${to} ${relation.cause}`;
    sums[key] = (sums[key] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
}

const call = (id: number, upstream: string, status: number, parent = 1): SpanRecord =>
  span({ id, parent, kind: 3, http: { upstream, status } });

const trace = [
  span({ id: 1, kind: 2 }),
  span({ id: 2, parent: 1, kind: 1 }),
  span({ id: 3, parent: 2, kind: 1 }),
  call(4, "a", 503),
  call(5, "b", 502, 3),
  call(6, "c", 200, 2),
  // A second thing asked for, which is no try at the first.
  span({ id: 7, parent: 1, kind: 3, http: { upstream: "d", status: 500, path: "/other" } }),
  // Another hop of the trace, with its own attempts.
  span({ id: 8, parent: 6, kind: 2 }),
  call(9, "x", 500, 8),
  call(10, "x", 200, 8),
];
const truth = {
  "fallback a>b status_5xx": 1,
  "fallback b>c status_5xx": 1,
  "retry x>x status_5xx": 1,
};

describe("spans of a trace", () => {
  it("count the same retries and fallbacks in any order of arrival", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(trace, { minLength: trace.length, maxLength: trace.length }),
        (shuffled) => {
          expect(relationsAfter(shuffled)).toEqual(truth);
        },
      ),
    );
  });

  it("count the same however they are split over requests", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 10 }),
        (request) => {
          const assembly = new TraceAssembly(limits);
          const changes = [0, 1, 2, 3].flatMap((number) => {
            const spans = trace.filter((_, at) => request[at] === number);
            return assembly.take([placedRows(spans)], 0).relations;
          });
          expect(sumOf(changes)).toEqual(truth);
        },
      ),
    );
  });

  it("wait for their SERVER span, and are told when it came", () => {
    const assembly = new TraceAssembly(limits);
    const early = assembly.take([placedRows([call(4, "a", 503)])], 0);
    expect(early.waiting.map(({ spanLow }) => spanLow)).toEqual([4]);
    const late = assembly.take([placedRows([span({ id: 1, kind: 2 })])], 0);
    expect(late.resolved.map(({ spanLow }) => spanLow)).toEqual([4]);
    expect(assembly.take([placedRows([call(5, "b", 200)])], 0)).toMatchObject({ resolved: [] });
  });

  it("do not wait when they have no parent: nobody will come for them", () => {
    const assembly = new TraceAssembly(limits);
    const alone = span({ id: 4, kind: 3, http: { upstream: "a" } });
    expect(assembly.take([placedRows([alone])], 0).waiting).toEqual([]);
  });

  it("wait at a place behind the payloads before them in a block", () => {
    const assembly = new TraceAssembly(limits);
    const others = placedRows([span({ id: 1, kind: 2 })]);
    const { waiting } = assembly.take([others, placedRows([call(4, "a", 200, 99)], 100)], 0);
    expect(waiting.map(({ position }) => position)).toEqual([104]);
  });

  it("are not joined to those of another project, which may be sent the same trace", () => {
    const assembly = new TraceAssembly(limits);
    const counted = [1, 2].map((project) => {
      const [first, second] = [placedRows(trace.slice(0, 5)), placedRows(trace.slice(5))];
      const payloads = [first, second].map((payload) => ({ ...payload, project }));
      return sumOf(payloads.flatMap((payload) => assembly.take([payload], 0).relations));
    });
    expect(counted).toEqual([truth, truth]);
  });

  it("are counted again after an undo, as if they had never come", () => {
    const assembly = new TraceAssembly(limits);
    assembly.take([placedRows(trace.slice(0, 4))], 0);
    const lost = assembly.take([placedRows(trace.slice(4))], 0);
    lost.undo();
    expect(sumOf(assembly.take([placedRows(trace.slice(4))], 0).relations)).toEqual(truth);
  });

  it("wait again after an undo of what they waited for", () => {
    const assembly = new TraceAssembly(limits);
    assembly.take([placedRows([call(4, "a", 503), call(5, "b", 200)])], 0);
    const server = placedRows([span({ id: 1, kind: 2 })]);
    assembly.take([server], 0).undo();
    const again = assembly.take([server], 0);
    expect(again.resolved.map(({ spanLow }) => spanLow)).toEqual([4, 5]);
    expect(sumOf(again.relations)).toEqual({ "fallback a>b status_5xx": 1 });
  });
});

/** An exchange that is its whole trace. */
const alone = (low: number): SpanRecord => ({ ...span({ id: 1, kind: 2 }), traceLow: low });

describe("memory", () => {
  it("is bounded by number and by time", () => {
    const assembly = new TraceAssembly({ keepMs: 1_000, spansMax: 16 });
    for (let low = 1; low <= 50; low += 1) assembly.take([placedRows([alone(low)])], 0);
    expect(assembly.size).toBe(16);
    assembly.take([], 5_000);
    expect(assembly.size).toBe(0);
  });

  it("forgets a trace as a whole, so that what waits is counted by the sweep alone", () => {
    const assembly = new TraceAssembly({ keepMs: 1_000, spansMax: 16 });
    assembly.take([placedRows([call(4, "a", 503)])], 0);
    assembly.take([placedRows([span({ id: 1, kind: 2 })])], 900);
    const late = assembly.take([placedRows([call(5, "b", 200)])], 1_100);
    expect(late.relations).toEqual([]);
    expect(late.waiting).toHaveLength(1);
  });

  it("joins the same when the spans of many traces take each other's place in it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (others) => {
        const assembly = new TraceAssembly({ keepMs: 1_000, spansMax: 64 });
        const between = Array.from({ length: others }, (_, at) => alone(at + 100));
        const first = assembly.take([placedRows(trace.slice(0, 5))], 0);
        assembly.take([placedRows(between)], 0);
        const rest = assembly.take([placedRows(trace.slice(5))], 0);
        const counted = sumOf([...first.relations, ...rest.relations]);
        const waiting = rest.waiting.map(({ spanLow }) => spanLow);
        // What waits is the sweep's; nothing is lost between the two.
        const { "fallback b>c status_5xx": _later, ...before } = truth;
        const isHeld = others < 44;
        expect([waiting, counted]).toEqual(isHeld ? [[], truth] : [[6, 7], before]);
      }),
    );
  });

  it("does not grow with the square of a trace: a batch job's thousands of calls take no time", () => {
    const assembly = new TraceAssembly(limits);
    const spans = [
      span({ id: 1, kind: 2 }),
      ...Array.from({ length: 20_000 }, (_, at) => call(at + 2, `u${at % 7}`, 503)),
    ];
    expect(assembly.take([placedRows(spans)], 0).waiting).toEqual([]);
  });
});

it("gives whole exchanges with their attempts in order", () => {
  const [edge, inner] = wholeExchanges(trace);
  expect(edge?.exchange.attempts.map(({ upstream }) => upstream)).toEqual(["a", "b", "c", "d"]);
  expect(inner?.exchange.attempts.map(({ upstream }) => upstream)).toEqual(["x", "x"]);
});
