import { z } from "zod";

import { logKinds, type LogLine } from "./log-line.ts";

/** A log line as one line of a block's payload. */
export function writtenLine(line: LogLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** The lines of a payload as they were written, each still JSON. */
export function writtenLines(payload: string): string[] {
  return payload.split("\n").slice(0, -1);
}

/** One line of a payload; null when it is none, as in a payload that something else wrote. */
export function logLineOf(written: string): LogLine | null {
  try {
    return logLine.parse(JSON.parse(written));
  } catch {
    return null;
  }
}

const logLine = z.object({
  proxy: z.string(),
  instance: z.string().nullable(),
  kind: z.enum(logKinds),
  atUs: z.number(),
  severity: z.int(),
  severityText: z.string().nullable(),
  format: z.string(),
  text: z.string(),
  textOmitted: z.int(),
  reason: z.string().nullable(),
  traceId: z.string().nullable(),
  spanId: z.string().nullable(),
  attributes: z.record(z.string(), z.json()),
  attributesOmitted: z.int(),
});
