import type { Fields, MessageName } from "./message-names.ts";

/** The messages of OTLP 1.11 that hold metrics; exemplars are not read. */
export const metricMessages: readonly (readonly [MessageName, Fields])[] = [
  ["ExportMetricsServiceRequest", { resourceMetrics: [1, "ResourceMetrics", true] }],
  [
    "ResourceMetrics",
    {
      resource: [1, "Resource"],
      scopeMetrics: [2, "ScopeMetrics", true],
      schemaUrl: [3, "string"],
    },
  ],
  [
    "ScopeMetrics",
    { scope: [1, "InstrumentationScope"], metrics: [2, "Metric", true], schemaUrl: [3, "string"] },
  ],
  [
    "Metric",
    {
      name: [1, "string"],
      description: [2, "string"],
      unit: [3, "string"],
      gauge: [5, "Gauge"],
      sum: [7, "Sum"],
      histogram: [9, "Histogram"],
      exponentialHistogram: [10, "ExponentialHistogram"],
      summary: [11, "Summary"],
    },
  ],
  ["Gauge", { dataPoints: [1, "NumberDataPoint", true] }],
  [
    "Sum",
    {
      dataPoints: [1, "NumberDataPoint", true],
      aggregationTemporality: [2, "enum"],
      isMonotonic: [3, "bool"],
    },
  ],
  [
    "Histogram",
    { dataPoints: [1, "HistogramDataPoint", true], aggregationTemporality: [2, "enum"] },
  ],
  [
    "ExponentialHistogram",
    { dataPoints: [1, "ExponentialHistogramDataPoint", true], aggregationTemporality: [2, "enum"] },
  ],
  ["Summary", { dataPoints: [1, "SummaryDataPoint", true] }],
  [
    "NumberDataPoint",
    {
      startTimeUnixNano: [2, "fixed64"],
      timeUnixNano: [3, "fixed64"],
      asDouble: [4, "double"],
      asInt: [6, "sfixed64"],
      attributes: [7, "KeyValue", true],
      flags: [8, "uint32"],
    },
  ],
  [
    "HistogramDataPoint",
    {
      startTimeUnixNano: [2, "fixed64"],
      timeUnixNano: [3, "fixed64"],
      count: [4, "fixed64"],
      sum: [5, "double"],
      bucketCounts: [6, "fixed64", true],
      explicitBounds: [7, "double", true],
      attributes: [9, "KeyValue", true],
      flags: [10, "uint32"],
      min: [11, "double"],
      max: [12, "double"],
    },
  ],
  [
    "ExponentialHistogramDataPoint",
    {
      attributes: [1, "KeyValue", true],
      startTimeUnixNano: [2, "fixed64"],
      timeUnixNano: [3, "fixed64"],
      count: [4, "fixed64"],
      sum: [5, "double"],
      scale: [6, "sint32"],
      zeroCount: [7, "fixed64"],
      positive: [8, "ExponentialBuckets"],
      negative: [9, "ExponentialBuckets"],
      flags: [10, "uint32"],
      min: [12, "double"],
      max: [13, "double"],
      zeroThreshold: [14, "double"],
    },
  ],
  ["ExponentialBuckets", { offset: [1, "sint32"], bucketCounts: [2, "uint64", true] }],
  [
    "SummaryDataPoint",
    {
      startTimeUnixNano: [2, "fixed64"],
      timeUnixNano: [3, "fixed64"],
      count: [4, "fixed64"],
      sum: [5, "double"],
      quantileValues: [6, "ValueAtQuantile", true],
      attributes: [7, "KeyValue", true],
      flags: [8, "uint32"],
    },
  ],
  ["ValueAtQuantile", { quantile: [1, "double"], value: [2, "double"] }],
];
