import type { SpanRecord } from "#lib/decode/otlp-traces.ts";

/** The id of a span as 16 hex digits. */
export function spanIdOf(span: SpanRecord): string {
  return `${hex(span.spanHigh)}${hex(span.spanLow)}`;
}

function hex(half: number): string {
  return half.toString(16).padStart(8, "0");
}
