/** Tables of ClickHouse, and how it reads into them what the bench sends, without anything of ours between. */
export interface ChdbTable {
  readonly create: string;
  /** Columns of the table from the columns of a file. */
  readonly select: string;
  readonly format: string;
  readonly structure: string;
  readonly settings: string;
}

/** An insert counts when it is on the disk. */
const durable = "fsync_after_insert = 1, fsync_part_directory = 1";

const keyValues = "Array(Tuple(key String, value Tuple(string_value String, int_value Int64)))";
const mapOf = (attributes: string): string =>
  `CAST(arrayMap(a -> (a.1, if(a.2.1 = '', toString(a.2.2), a.2.1)), ${attributes}), 'Map(LowCardinality(String), String)')`;

/** The messages of OTLP that the bench sends, as far as the table keeps them. */
export const traceProto = `syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message Scope { string name = 1; string version = 2; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; Status status = 15;
}
`;

/** The table of OpenTelemetry's exporter for ClickHouse, with the index of trace ids and without those of attributes. */
const spans: ChdbTable = {
  create: `CREATE TABLE spans (
    Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)), TraceId FixedString(16) CODEC(ZSTD(1)),
    SpanId FixedString(8) CODEC(ZSTD(1)), ParentSpanId String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)), SpanKind Int8 CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName LowCardinality(String), ScopeVersion LowCardinality(String),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)), StatusCode Int8 CODEC(ZSTD(1)), StatusMessage String CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1
  ) ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
  SETTINGS ${durable}`,
  select: `SELECT fromUnixTimestamp64Nano(toInt64(span.start_time_unix_nano)), toFixedString(span.trace_id, 16),
      toFixedString(span.span_id, 8), span.parent_span_id, span.name, span.kind,
      arrayFirst(a -> a.1 = 'service.name', rs.resource.attributes).2.1, ${mapOf("rs.resource.attributes")},
      ss.scope.name, ss.scope.version, ${mapOf("span.attributes")},
      span.end_time_unix_nano - span.start_time_unix_nano, span.status.code, span.status.message
    FROM FILE ARRAY JOIN resource_spans AS rs ARRAY JOIN rs.scope_spans AS ss ARRAY JOIN ss.spans AS span`,
  format: "ProtobufSingle",
  structure: `resource_spans Array(Tuple(resource Tuple(attributes ${keyValues}), scope_spans Array(Tuple(
    scope Tuple(name String, version String), spans Array(Tuple(trace_id String, span_id String,
    parent_span_id String, name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64,
    attributes ${keyValues}, status Tuple(message String, code Int32)))))))`,
  settings: "format_schema = 'trace.proto:ExportTraceServiceRequest'",
};

/** Lines of nginx as JSON, in columns of the types that such tables have. */
const lines: ChdbTable = {
  create: `CREATE TABLE lines (
    time DateTime64(3) CODEC(Delta, ZSTD(1)), remote_addr IPv4 CODEC(ZSTD(1)),
    request_method LowCardinality(String), request_uri String CODEC(ZSTD(1)),
    server_protocol LowCardinality(String), status UInt16 CODEC(ZSTD(1)), body_bytes_sent UInt64 CODEC(ZSTD(1)),
    request_time Float32 CODEC(ZSTD(1)), upstream_addr LowCardinality(String), upstream_status LowCardinality(String),
    upstream_response_time String CODEC(ZSTD(1)), upstream_cache_status LowCardinality(String),
    http_user_agent LowCardinality(String)
  ) ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (upstream_addr, toDateTime(time)) SETTINGS ${durable}`,
  select: "SELECT * FROM FILE",
  format: "JSONEachRow",
  structure: `time DateTime64(3), remote_addr IPv4, request_method String, request_uri String, server_protocol String,
    status UInt16, body_bytes_sent UInt64, request_time Float32, upstream_addr String, upstream_status String,
    upstream_response_time String, upstream_cache_status String, http_user_agent String`,
  settings: "date_time_input_format = 'best_effort'",
};

export const chdbTables: Readonly<Record<"spans" | "lines", ChdbTable>> = { spans, lines };
