/** What became of a line: `unread` could not be read as a request, `record` is understood but tells of none. */
export const logKinds = ["unread", "record"] as const;
export type LogKind = (typeof logKinds)[number];

/** A value that JSON can hold. */
export type LogValue = string | number | boolean | null | LogValue[] | { [key: string]: LogValue };

/** A line of a log that is no exchange. */
export interface LogLine {
  readonly proxy: string;
  readonly instance: string | null;
  readonly kind: LogKind;
  /** Epoch microseconds: when it happened, or when it came where it does not say. */
  readonly atUs: number;
  /** OpenTelemetry's severity number, from 1 to 24; 0 when nothing was said. */
  readonly severity: number;
  /** The severity in the sender's own words; null when nothing was said. */
  readonly severityText: string | null;
  /** `otlp`, or the access-log format that it was read as. */
  readonly format: string;
  readonly text: string;
  /** Characters of the text that were cut. */
  readonly textOmitted: number;
  /** Why it is no exchange; null where none was expected. */
  readonly reason: string | null;
  /** 32 hex digits. */
  readonly traceId: string | null;
  /** 16 hex digits. */
  readonly spanId: string | null;
  readonly attributes: Record<string, LogValue>;
  /** Attributes that were left out. */
  readonly attributesOmitted: number;
}

/** Characters kept of one line. */
const logTextLengthMax = 16_384;

/** A line's text as it is kept, and how many characters were cut. */
export function boundedText(text: string): Pick<LogLine, "text" | "textOmitted"> {
  if (text.length <= logTextLengthMax) return { text, textOmitted: 0 };
  return {
    text: text.slice(0, logTextLengthMax).toWellFormed(),
    textOmitted: text.length - logTextLengthMax,
  };
}
