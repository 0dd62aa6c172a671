/** How a field's value is written; any other word is the name of a message. */
export const scalars = [
  "string",
  "bytes",
  /** Bytes that OTLP/JSON writes as hex. */
  "id",
  "bool",
  "enum",
  "int32",
  "uint32",
  "fixed32",
  "int64",
  "uint64",
  "fixed64",
  "sint32",
  "sfixed64",
  "double",
] as const;
export type Scalar = (typeof scalars)[number];

export type MessageName =
  | "AnyValue"
  | "ArrayValue"
  | "KeyValueList"
  | "KeyValue"
  | "InstrumentationScope"
  | "Resource"
  | "ExportTraceServiceRequest"
  | "ResourceSpans"
  | "ScopeSpans"
  | "Span"
  | "SpanEvent"
  | "SpanLink"
  | "SpanStatus"
  | "ExportLogsServiceRequest"
  | "ResourceLogs"
  | "ScopeLogs"
  | "LogRecord"
  | MetricMessage;

/** Fields by the name that OTLP/JSON gives them: number, type, and `true` where it is a list. */
export type Fields = Readonly<
  Record<string, readonly [number: number, type: Scalar | MessageName, repeated?: true]>
>;

/** The messages that hold metrics. */
type MetricMessage =
  | "ExportMetricsServiceRequest"
  | "ResourceMetrics"
  | "ScopeMetrics"
  | "Metric"
  | "Gauge"
  | "Sum"
  | "Histogram"
  | "ExponentialHistogram"
  | "Summary"
  | "NumberDataPoint"
  | "HistogramDataPoint"
  | "ExponentialHistogramDataPoint"
  | "ExponentialBuckets"
  | "SummaryDataPoint"
  | "ValueAtQuantile";
