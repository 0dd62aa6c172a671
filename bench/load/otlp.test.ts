import { expect, it } from "vitest";

import { type DetailSpan, spansOfTrace } from "#lib/decode/otlp-detail.ts";
import { decodeLogs } from "#lib/decode/otlp-logs.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { TraceAssembly } from "#lib/normalize/trace-assembly.ts";
import { wholeExchanges } from "#lib/normalize/whole-exchanges.ts";
import { placedRows } from "#tests/placed-rows.ts";

import { otlpLogRequests, otlpRequests, traceShapes } from "./otlp.ts";
import { Random } from "./random.ts";

const nowMs = Date.UTC(2026, 10, 21, 8);
const shapes = ["pair", "ended", "chain"] as const;
const cases = shapes.flatMap((shape) => [5, 64].map((spans) => [shape, spans] as const));

it.each(cases)("every attempt of %s traces in requests of %d finds its exchange", (shape, size) => {
  const assembly = new TraceAssembly({ keepMs: 1e9, spansMax: 65_536 });
  const requests = 6 * traceShapes[shape].length;
  const bodies = received(shape, size, requests);
  const sets = bodies.map((spans) => assembly.take([placedRows(spans)], nowMs));
  const waiting = sets.flatMap((set) => set.waiting);
  expect(waiting).toHaveLength(sets.flatMap((set) => set.resolved).length);
  const exchanges = wholeExchanges(bodies.flat());
  expect(exchanges).toHaveLength((requests * size) / traceShapes[shape].length);
  expect(exchanges.every(({ clients }) => clients.length > 0)).toBe(true);
});

it("no span, trace or time comes twice", () => {
  const spans = received("pair", 512, 20).flat();
  const ids = spans.map(({ spanHigh, spanLow }) => `${spanHigh} ${spanLow}`);
  const traces = spans.map(({ traceHigh, traceLow }) => `${traceHigh} ${traceLow}`);
  expect(new Set(ids).size).toBe(spans.length);
  expect(new Set(traces).size).toBe(spans.length / 2);
  expect(new Set(spans.map(({ startUs }) => startUs)).size).toBeGreaterThan(spans.length * 0.9);
});

it("spans end within the last second, and attempts lie inside their exchanges", () => {
  for (const [server, client] of pairs(received("pair", 512, 4).flat())) {
    expect(server.startUs + server.durationUs).toBeLessThanOrEqual(nowMs * 1000 + 1);
    expect(server.startUs + server.durationUs).toBeGreaterThan(nowMs * 1000 - 1_000_000);
    expect(client.startUs).toBeGreaterThanOrEqual(server.startUs);
    expect(client.http?.path).toBe(server.http?.path);
    expect(client.http?.status).toBe(server.http?.status);
  }
});

it("one chain in seven is a retry or a fallback, or both", () => {
  const spans = received("chain", 512, 30).flat();
  const assembly = new TraceAssembly({ keepMs: 1e9, spansMax: 65_536 });
  const { relations } = assembly.take([placedRows(spans)], nowMs);
  const exchanges = wholeExchanges(spans);
  const kinds = Map.groupBy(relations, ({ relation }) => relation.kind);
  const share = (kind: "retry" | "fallback"): number =>
    (kinds.get(kind)?.length ?? 0) / exchanges.length;
  expect(share("retry")).toBeCloseTo(1 / 7, 1);
  expect(share("fallback")).toBeGreaterThan(0.03);
});

it("asks 50 upstreams for thousands of modules, some far more than others", () => {
  const spans = received("pair", 512, 60).flat();
  const paths = spans.flatMap(({ http }) => http?.path?.split("/@v/")[0] ?? []);
  const counts = [...Map.groupBy(paths, (path) => path).values()].map((found) => found.length);
  expect(counts.length).toBeGreaterThan(2_000);
  expect(Math.max(...counts)).toBeGreaterThan(spans.length / 50);
  expect(new Set(spans.flatMap(({ http }) => http?.upstream ?? [])).size).toBe(50);
});

it.each(shapes)("log records say of %s traces what the spans say", (shape) => {
  const spans = otlpRequests(shape, 64, new Random(7))();
  const logs = otlpLogRequests(shape, 64, new Random(7))();
  for (let request = 0; request < 20; request += 1) {
    const expected = spansOfTrace(spans.next(nowMs), null).map(toldByLogRecord);
    const { records } = decodeLogs(logs.next(nowMs));
    const told = records.map(({ timeUs, service, scope, body, attributes }) => {
      return { timeUs, service, scope, body, attributes };
    });
    expect(told).toEqual(expected);
  }
});

/** The kinds as OTLP numbers them. */
const kindNumbers = ["unspecified", "internal", "server", "client", "producer", "consumer"];

function toldByLogRecord(span: DetailSpan): object {
  const { traceId, spanId, parentSpanId, startNs, endNs, service, scope, name } = span;
  const parent = parentSpanId === null ? {} : { parent_span_id: parentSpanId };
  const attributes = {
    trace_id: traceId,
    span_id: spanId,
    ...parent,
    kind: kindNumbers.indexOf(span.kind),
    status_code: 0,
    duration: Number(BigInt(endNs) - BigInt(startNs)),
    ...span.attributes,
  };
  const timeUs = Number(BigInt(startNs) / 1000n);
  return { timeUs, service, scope, body: name, attributes };
}

function received(shape: keyof typeof traceShapes, size: number, requests: number): SpanRecord[][] {
  const bodies = otlpRequests(shape, size, new Random(7))();
  return Array.from({ length: requests }, () => [
    ...decodeTraces(Buffer.from(bodies.next(nowMs))).spans,
  ]);
}

function pairs(spans: readonly SpanRecord[]): [SpanRecord, SpanRecord][] {
  return spans.flatMap((server, at): [SpanRecord, SpanRecord][] => {
    const client = spans[at + 1];
    return at % 2 === 0 && client !== undefined ? [[server, client]] : [];
  });
}
