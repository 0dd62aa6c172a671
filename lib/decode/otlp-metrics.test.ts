import { expect, it } from "vitest";

import type { MetricHistogram } from "#lib/core/metric.ts";

import { MalformedPayload } from "./malformed.ts";
import { logsFromJson, metricsFromJson, tracesFromJson } from "./otlp-json.ts";
import { decodeMetrics } from "./otlp-metrics.ts";
import { Writer } from "./otlp/writer.ts";

const at = { timeUnixNano: "1795000000123456789", startTimeUnixNano: "1795000000000000000" };

function requestOf(metrics: readonly object[], resource: readonly object[] = []): string {
  return JSON.stringify({
    resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ metrics }] }],
  });
}

function decode(...metrics: readonly object[]) {
  return decodeMetrics(metricsFromJson(requestOf(metrics)));
}

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}

it.each<[string, object, { value: number; kind: string; temporality: string }]>([
  [
    "a gauge of a double",
    { gauge: { dataPoints: [{ ...at, asDouble: -1.5 }] } },
    { value: -1.5, kind: "gauge", temporality: "none" },
  ],
  [
    "a gauge of a negative integer",
    { gauge: { dataPoints: [{ ...at, asInt: "-7" }] } },
    { value: -7, kind: "gauge", temporality: "none" },
  ],
  [
    "a cumulative counter",
    {
      sum: {
        aggregationTemporality: "AGGREGATION_TEMPORALITY_CUMULATIVE",
        isMonotonic: true,
        dataPoints: [{ ...at, asInt: 41 }],
      },
    },
    { value: 41, kind: "counter", temporality: "cumulative" },
  ],
  [
    "a delta sum that may fall",
    { sum: { aggregationTemporality: 1, dataPoints: [{ ...at, asDouble: 0 }] } },
    { value: 0, kind: "updown", temporality: "delta" },
  ],
])("%s", (_, data, { value, kind, temporality }) => {
  const [point, ...more] = decode({ name: "m", unit: "By", ...data }).points;
  expect(more).toEqual([]);
  expect(point).toMatchObject({
    series: { name: "m", unit: "By", kind, temporality, origin: "otlp" },
    atUs: 1_795_000_000_123_456,
    startUs: 1_795_000_000_000_000,
    value,
    histogram: null,
  });
});

it("says of every point who sent it and what tells it apart", () => {
  const attributes = [
    text("code", "200"),
    { key: "n", value: { intValue: "-9223372036854775808" } },
    { key: "ok", value: { boolValue: true } },
    { key: "list", value: { arrayValue: { values: [{ intValue: 1 }, { stringValue: "b" }] } } },
    { key: "map", value: { kvlistValue: { values: [text("k", "v")] } } },
    { key: "half", value: { doubleValue: 0.5 } },
  ];
  const resource = [text("service.name", "envoy-edge"), text("host.name", "node-1")];
  const metric = { name: "m", gauge: { dataPoints: [{ ...at, asInt: 1, attributes }] } };
  const [point] = decodeMetrics(metricsFromJson(requestOf([metric], resource))).points;
  expect(point?.series).toMatchObject({
    proxy: "envoy-edge",
    instance: "node-1",
    attributes: {
      code: "200",
      n: "-9223372036854775808",
      ok: "true",
      list: "[1,b]",
      map: "{k:v}",
      half: "0.5",
    },
  });
});

function histogramOf(point: object, shape = "histogram"): MetricHistogram | null {
  const data = { [shape]: { aggregationTemporality: 2, dataPoints: [{ ...at, ...point }] } };
  const decoded = decode({ name: "h", ...data });
  return decoded.points[0]?.histogram ?? null;
}

it("a histogram keeps its bounds, counts and sum", () => {
  const point = { count: "6", sum: 9.5, bucketCounts: ["1", "2", "3"], explicitBounds: [0.5, 2] };
  expect(histogramOf(point)).toEqual({ bounds: [0.5, 2], counts: [1, 2, 3], sum: 9.5 });
});

it("a histogram without buckets keeps its count", () => {
  expect(histogramOf({ count: "6", sum: 9.5 })).toEqual({ bounds: [], counts: [6], sum: 9.5 });
});

it("an exponential histogram has bounds at powers of its base, and what is not positive below them", () => {
  const point = {
    count: 9,
    sum: 20,
    scale: 0,
    zeroCount: 1,
    positive: { offset: 1, bucketCounts: ["0", "4", "0", "2"] },
    negative: { offset: 0, bucketCounts: ["2"] },
  };
  // Scale 0 has the buckets (1, 2], (2, 4], (4, 8], ...; place 2 is (4, 8].
  expect(histogramOf(point, "exponentialHistogram")).toEqual({
    bounds: [4, 8, 16, 32],
    counts: [3, 4, 0, 2, 0],
    sum: 20,
  });
});

it("a fine exponential histogram is made coarser without losing a count", () => {
  const bucketCounts = Array.from({ length: 160 }, (_, place) => place);
  const count = bucketCounts.reduce((sum, one) => sum + one, 0);
  const found = histogramOf(
    { count, scale: 20, positive: { offset: -80, bucketCounts } },
    "exponentialHistogram",
  );
  expect(found?.counts.reduce((sum, one) => sum + one, 0)).toBe(count);
  expect(found?.bounds.length).toBeLessThan(5);
});

it("a summary is its count, its sum and its quantiles, as one data point", () => {
  const point = {
    ...at,
    count: 5,
    sum: 2.5,
    quantileValues: [
      { quantile: 0.5, value: 0.25 },
      { quantile: 0.99, value: "NaN" },
    ],
  };
  const decoded = decode({ name: "s", unit: "s", summary: { dataPoints: [point] } });
  expect(decoded.total).toBe(1);
  expect(
    decoded.points.map(({ series, value, position }) => [
      series.name,
      series.unit,
      series.kind,
      series.attributes,
      value,
      position,
    ]),
  ).toEqual([
    ["s_count", "", "counter", {}, 5, 0],
    ["s_sum", "s", "counter", {}, 2.5, 0],
    ["s", "s", "gauge", { quantile: "0.5" }, 0.25, 0],
  ]);
});

it("refuses bad points one by one, each with its reason, and takes the others", () => {
  const good = { ...at, asInt: 1 };
  const attributes = Array.from({ length: 65 }, (_, place) => text(`a${place}`, ""));
  const cumulative = { aggregationTemporality: 2 };
  const decoded = decode(
    { name: "g", gauge: { dataPoints: [good, { asInt: 1 }, at, { ...at, asDouble: "Infinity" }] } },
    { name: "g", gauge: { dataPoints: [{ ...good, attributes }] } },
    { name: "", gauge: { dataPoints: [good, good] } },
    { name: "s", sum: { dataPoints: [good] } },
    {
      name: "h",
      histogram: {
        ...cumulative,
        dataPoints: [
          { ...at, count: 3, bucketCounts: [1, 2], explicitBounds: [1, 2] },
          { ...at, count: 4, bucketCounts: [1, 2], explicitBounds: [1] },
          { ...at, count: 3, bucketCounts: [1, 1, 1], explicitBounds: [2, 1] },
          { ...at, count: 3, bucketCounts: [1, 2], explicitBounds: [1] },
        ],
      },
    },
  );
  expect(decoded.total).toBe(12);
  expect(decoded.rejectedByKind).toEqual({
    time: 1,
    value: 2,
    attributes: 1,
    name: 2,
    temporality: 1,
    histogram: 3,
  });
  expect(decoded.points.map(({ position }) => position)).toEqual([0, 11]);
  expect(decoded.rejections).toHaveLength(6);
  expect(decoded.rejections).toContain("Data points that have no time: 1.");
});

it("a point that says that nothing was recorded is neither stored nor refused", () => {
  const decoded = decode({ name: "g", gauge: { dataPoints: [{ ...at, flags: 1 }] } });
  expect(decoded).toMatchObject({ points: [], total: 1, rejectedByKind: {} });
});

it("reads what stands behind the points, and lists that are packed", () => {
  const writer = new Writer(100);
  const [resource, scope, metric, sum, point] = [
    writer.open(1),
    writer.open(2),
    writer.open(2),
    writer.open(9),
    writer.open(1),
  ];
  writer.fixed64(3, 0x18_e9_15_f7, 0);
  writer.fixed64(4, 0, 3);
  const counts = Buffer.alloc(16);
  counts.writeBigUInt64LE(1n, 0);
  counts.writeBigUInt64LE(2n, 8);
  writer.blob(6, counts);
  const bounds = Buffer.alloc(8);
  bounds.writeDoubleLE(0.5);
  writer.blob(7, bounds);
  writer.close(point);
  writer.varint(2, 0, 2);
  writer.close(sum);
  writer.string(1, "late.name");
  for (const open of [metric, scope, resource]) writer.close(open);
  expect(decodeMetrics(writer.finish()).points).toMatchObject([
    {
      series: { name: "late.name", temporality: "cumulative" },
      histogram: { bounds: [0.5], counts: [1, 2] },
    },
  ]);
});

it("traces and logs that were posted as metrics are refused with a word on where to send them", () => {
  const logs = logsFromJson(
    JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: "1795000000000000000" }] }] }],
    }),
  );
  expect(decodeMetrics(logs).rejectedByKind).toEqual({ log_record: 1 });
  const span = {
    traceId: "5b8efff798038103d269b633813fc60c",
    startTimeUnixNano: "1795000000000000000",
  };
  const traces = tracesFromJson(
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  );
  expect(decodeMetrics(traces).rejectedByKind).toEqual({ span: 1 });
});

const everything = metricsFromJson(
  requestOf(
    [
      {
        name: "g",
        unit: "1",
        gauge: { dataPoints: [{ ...at, asDouble: 2, attributes: [text("a", "b")] }] },
      },
      {
        name: "c",
        sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...at, asInt: 5 }] },
      },
      {
        name: "h",
        histogram: {
          aggregationTemporality: 1,
          dataPoints: [{ ...at, count: 3, sum: 1, bucketCounts: [1, 2], explicitBounds: [1] }],
        },
      },
      {
        name: "e",
        exponentialHistogram: {
          aggregationTemporality: 2,
          dataPoints: [
            { ...at, count: 3, scale: 2, positive: { offset: -3, bucketCounts: [1, 2] } },
          ],
        },
      },
      {
        name: "s",
        summary: {
          dataPoints: [{ ...at, count: 1, quantileValues: [{ quantile: 0.5, value: 1 }] }],
        },
      },
    ],
    [text("service.name", "edge")],
  ),
);

function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

it("a damaged request decodes to finite points or is malformed", () => {
  const random = randomOf(7);
  const seen = { value: 0, malformed: 0 };
  for (let round = 0; round < 4_000; round += 1) {
    const bytes = Buffer.from(everything);
    for (let count = 1 + random(4); count > 0; count -= 1)
      bytes[random(bytes.length)] = random(256);
    try {
      const { points, total, rejectedByKind } = decodeMetrics(bytes);
      const rejected = Object.values(rejectedByKind).reduce((sum, one) => sum + one, 0);
      expect(new Set(points.map(({ position }) => position)).size + rejected).toBeLessThanOrEqual(
        total,
      );
      for (const { value } of points) expect(Number.isFinite(value)).toBe(true);
      seen.value += 1;
    } catch (error) {
      if (!(error instanceof MalformedPayload)) throw error;
      seen.malformed += 1;
    }
  }
  expect(seen.value).toBeGreaterThan(200);
  expect(seen.malformed).toBeGreaterThan(200);
});

it("a request that is cut off anywhere is malformed", () => {
  for (let length = 1; length < everything.length; length += 1) {
    expect(() => decodeMetrics(everything.subarray(0, length))).toThrow(MalformedPayload);
  }
});

it("of more points than one request may hold, the others are refused and counted", () => {
  const dataPoints = Array.from({ length: 200_002 }, () => ({ ...at, asInt: 1 }));
  const { points, total, rejectedByKind } = decode({ name: "m", gauge: { dataPoints } });
  expect([points.length, total, rejectedByKind]).toEqual([
    200_000,
    200_002,
    { too_many_records: 2 },
  ]);
});
