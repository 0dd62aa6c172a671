import { protobufOfJson } from "./otlp/json-to-protobuf.ts";

/**
 * A trace request in OTLP/JSON as the same ExportTraceServiceRequest in protobuf, so that storage has one format;
 * throws MalformedPayload when it is none. Numbers keep their 64 bits; ids that are no hex become empty.
 */
export function tracesFromJson(text: string): Uint8Array<ArrayBuffer> {
  return protobufOfJson(text, "ExportTraceServiceRequest");
}

/** The same for logs: an ExportLogsServiceRequest. */
export function logsFromJson(text: string): Uint8Array<ArrayBuffer> {
  return protobufOfJson(text, "ExportLogsServiceRequest");
}

/** The same for metrics: an ExportMetricsServiceRequest. */
export function metricsFromJson(text: string): Uint8Array<ArrayBuffer> {
  return protobufOfJson(text, "ExportMetricsServiceRequest");
}
