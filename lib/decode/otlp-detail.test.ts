import { expect, expectTypeOf, it } from "vitest";

import { traceSpan, type TraceSpan } from "#lib/contract/trace.ts";

import { type DetailSpan, spansAt, spansOfTrace } from "./otlp-detail.ts";
import { tracesFromJson } from "./otlp-json.ts";
import { decodeTraces } from "./otlp-traces.ts";

const traces = ["a".repeat(32), "b".repeat(32)];

/** Three groups of spans of two traces in turn, with one bad span. */
const payload = tracesFromJson(
  JSON.stringify({
    resourceSpans: [0, 1, 2].map((group) => ({
      resource: { attributes: [{ key: "service.name", value: { stringValue: `s${group}` } }] },
      scopeSpans: [0, 1].map((scope) => ({
        scope: { name: `scope${scope}` },
        spans: [0, 1, 2].map((index) => ({
          traceId: group === 1 && index === 1 ? "00" : traces[index % 2],
          spanId: `0000000000000${group}${scope}${index + 1}`,
          name: `${group}-${scope}-${index}`,
          kind: 3,
          startTimeUnixNano: "1795000000123456789",
        })),
      })),
    })),
  }),
);

it("gives what the contract calls a span", () => {
  expectTypeOf<DetailSpan>().toExtend<TraceSpan>();
  for (const span of spansOfTrace(payload, null)) expect(() => traceSpan.parse(span)).not.toThrow();
});

it("gives the spans of one trace, whatever case its id is in, and no other", () => {
  const spans = spansOfTrace(payload, traces[1]?.toUpperCase() ?? "");
  expect(spans.map((span) => [span.service, span.scope, span.name])).toEqual([
    ["s0", "scope0", "0-0-1"],
    ["s0", "scope1", "0-1-1"],
    ["s2", "scope0", "2-0-1"],
    ["s2", "scope1", "2-1-1"],
  ]);
  expect(spans[0]?.startNs).toBe("1795000000123456789");
});

it.each(["", "c".repeat(32), "a".repeat(31), "x".repeat(32)])(
  "gives none for the trace id %j",
  (id) => {
    expect(spansOfTrace(payload, id)).toEqual([]);
  },
);

it("finds a span at the position that decodeTraces gave it", () => {
  const { spans } = decodeTraces(payload);
  expect(spans).toHaveLength(16);
  for (const { position, spanLow } of spans) {
    const [only, ...others] = spansAt(payload, [position]);
    expect(others).toEqual([]);
    expect(only?.spanId).toBe(spanLow.toString(16).padStart(16, "0"));
  }
  expect(spansAt(payload, [0, 17, 99]).map((span) => span.name)).toEqual(["0-0-0", "2-1-2"]);
});

it("reads requests that were written one after the other as one", () => {
  const twice = Buffer.concat([payload, payload]);
  expect(decodeTraces(twice).total).toBe(36);
  expect(spansAt(twice, [18]).map((span) => span.name)).toEqual(["0-0-0"]);
});
