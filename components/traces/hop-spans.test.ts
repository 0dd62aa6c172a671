import { expect, it } from "vitest";

import type { TraceHop, TraceSpan } from "#lib/contract/trace.ts";

import { waterfallSpans } from "./hop-spans.ts";
import { prepareWaterfall } from "./prepare-waterfall.ts";

const attempt = { endpoint: null, status: 200, errorType: null, tlsReason: null, latencyMs: 200 };
const hop: TraceHop = {
  id: "7-3",
  time: "2026-11-20T22:09:04.000Z",
  proxy: "edge",
  method: "GET",
  path: "/a",
  status: 200,
  errorType: null,
  latencyMs: 300,
  cache: "miss",
  module: null,
  traceId: "0".repeat(31) + "1",
  startNs: "1000000000",
  endNs: "1300000000",
  spanId: null,
  attempts: [
    {
      ...attempt,
      upstream: "a",
      endpoint: "10.0.0.1:80",
      status: 502,
      startNs: "1000000000",
      endNs: "1100000000",
    },
    { ...attempt, upstream: "b", startNs: "1100000000", endNs: "1300000000" },
  ],
};
const span: TraceSpan = {
  spanId: "a1",
  parentSpanId: "lost",
  name: "GET",
  kind: "server",
  service: "athens",
  scope: "",
  startNs: "1110000000",
  endNs: "1290000000",
  status: "unset",
  statusMessage: "",
  attributes: {},
  resource: {},
  events: [],
  links: [],
};

const drawn = (spans: readonly TraceSpan[], hops: readonly TraceHop[]) =>
  prepareWaterfall(waterfallSpans({ spans: [...spans], hops: [...hops], told: [] })).rows;

it("places a hop by its times before what it led to, its attempts below it", () => {
  const rows = drawn([span], [hop]);
  expect(
    rows.map(({ span: { service, kind, logged }, depth }) => [service, kind, logged, depth]),
  ).toEqual([
    ["edge", "server", true, 0],
    ["edge", "client", true, 1],
    ["edge", "client", true, 1],
    ["athens", "server", false, 0],
  ]);
  expect(rows.map(({ offsetMs, durationMs }) => [offsetMs, durationMs])).toEqual([
    [0, 300],
    [0, 100],
    [100, 200],
    [110, 180],
  ]);
  expect(rows.map(({ error }) => error)).toEqual([false, true, false, false]);
});

it("says of a hop and its attempts what their record said, and nothing else", () => {
  const [exchange, first] = drawn([], [hop]);
  expect(exchange?.span).toMatchObject({
    exchangeId: "7-3",
    attributes: {
      "url.path": "/a",
      "proxy.cache.result": "miss",
      "http.response.status_code": 200,
    },
  });
  expect(first?.span.attributes).toEqual({
    "proxy.upstream.name": "a",
    "network.peer.address": "10.0.0.1:80",
    "http.response.status_code": 502,
  });
});

it("draws a hop once that a span tells of, and leads from the span to its record", () => {
  const rows = drawn([span], [{ ...hop, spanId: "a1" }]);
  expect(
    rows.map(({ span: { spanId, logged, exchangeId } }) => [spanId, logged, exchangeId]),
  ).toEqual([["a1", false, "7-3"]]);
});

it("does not say that something took no time when nobody measured it", () => {
  const [row] = drawn([], [{ ...hop, endNs: null, latencyMs: null, attempts: [] }]);
  expect(row).toMatchObject({ durationMs: null, offsetMs: 0 });
});
