import { boundedText, type LogKind, type LogLine, type LogValue } from "#lib/core/log-line.ts";
import { severityNumber } from "#lib/core/log-severity.ts";
import type { LogEvent } from "#lib/decode/log-event.ts";
import type { LogRecordFacts } from "#lib/decode/otlp-logs.ts";

const attributesMax = 64;
const attributeLengthMax = 2_048;
const attributesLengthMax = 16_384;
const wordLengthMax = 100;

/** Whose log a line is from, and how it was read. */
export interface LineOrigin {
  readonly proxy: string;
  readonly instance: string | null;
  readonly format: string;
}

/** The log line that a line of text is which tells of no request. */
export function logLineOfText(
  event: LogEvent,
  origin: LineOrigin,
  came: { readonly atUs: number; readonly kind: LogKind; readonly reason: string | null },
): LogLine {
  return {
    proxy: origin.proxy,
    instance: origin.instance,
    format: origin.format,
    ...came,
    severity: event.severity,
    severityText: event.severityText,
    ...boundedText(event.text),
    traceId: event.traceId,
    spanId: null,
    attributes: {},
    attributesOmitted: 0,
  };
}

/** The log line that a record of OpenTelemetry is which tells of no request. */
export function logLineOfRecord(facts: LogRecordFacts, receivedUs: number): LogLine {
  const scope = facts.scope === null ? {} : { "otel.scope.name": facts.scope };
  return {
    proxy: facts.service,
    instance: facts.instance,
    kind: "record",
    atUs: facts.timeUs ?? receivedUs,
    severity: severityNumber(facts.severity),
    severityText: facts.severityText?.slice(0, wordLengthMax).toWellFormed() ?? null,
    format: "otlp",
    ...boundedText(facts.line),
    reason: null,
    traceId: facts.traceId,
    spanId: facts.spanId,
    ...boundedAttributes({ ...facts.attributes, ...scope }),
  };
}

function boundedAttributes(
  all: Readonly<Record<string, LogValue>>,
): Pick<LogLine, "attributes" | "attributesOmitted"> {
  const entries = Object.entries(all);
  const kept: [string, LogValue][] = [];
  let length = 0;
  for (const [key, value] of entries) {
    const written = JSON.stringify(value);
    const shown = written.length > attributeLengthMax ? cut(value, written) : value;
    length += key.length + Math.min(written.length, attributeLengthMax);
    if (kept.length >= attributesMax || length > attributesLengthMax) break;
    kept.push([key, shown]);
  }
  return {
    attributes: Object.fromEntries(kept),
    attributesOmitted: entries.length - kept.length,
  };
}

function cut(value: LogValue, written: string): string {
  const text = typeof value === "string" ? value : written;
  return `${text.slice(0, attributeLengthMax).toWellFormed()}…`;
}
