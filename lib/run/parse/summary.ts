import type { Exchange } from "#lib/core/exchange.ts";
import { type DetectedFormat, detectFormat } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import type { LogEvent } from "#lib/decode/log-event.ts";

import type { ParseOptions } from "./options.ts";

/** What became of one line. */
export type ParsedLine =
  | { readonly kind: "stored"; readonly record: AccessRecord; readonly exchange: Exchange }
  | { readonly kind: "logLine"; readonly event: LogEvent }
  | { readonly kind: "held" }
  | { readonly kind: "refused"; readonly reason: string };

export interface ParseSummary {
  readonly lines: number;
  readonly stored: number;
  /** Of the stored ones, those of which every field was read. */
  readonly whole: number;
  /** Kept for the line of their request, which comes later. */
  readonly held: number;
  /** Of a program's own log, and kept as such. */
  readonly logLines: number;
  readonly refused: number;
  /** Format → lines that were read as it. */
  readonly formats: ReadonlyMap<string, number>;
  readonly attempts: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly detected: DetectedFormat;
  /** Lines that the format was detected by. */
  readonly sampled: number;
}

const sampleLinesMax = 500;
const sampleLengthMax = 4_194_304;

/** Counts what became of the lines of a log. */
export class Tally {
  readonly #sample: string[] = [];
  readonly #formats = new Map<string, number>();
  #sampleLength = 0;
  #stored = 0;
  #whole = 0;
  #held = 0;
  #logLines = 0;
  #refused = 0;
  #attempts = 0;
  #firstUs = Infinity;
  #lastUs = -Infinity;

  /** Remembers the first lines, to tell the format by. */
  sample(line: string): void {
    if (line === "" || this.#sample.length >= sampleLinesMax) return;
    if (this.#sampleLength + line.length > sampleLengthMax) return;
    this.#sample.push(line);
    this.#sampleLength += line.length;
  }

  /** Counts a line; gives what to say of it, if anything. */
  note(line: ParsedLine): string | null {
    if (line.kind === "stored") this.#countStored(line.record, line.exchange);
    if (line.kind === "held") this.#held += 1;
    if (line.kind === "logLine") this.#logLines += 1;
    if (line.kind !== "refused") return null;
    this.#refused += 1;
    return line.reason;
  }

  summary(lines: number): ParseSummary {
    return {
      lines,
      stored: this.#stored,
      whole: this.#whole,
      held: this.#held,
      logLines: this.#logLines,
      refused: this.#refused,
      formats: this.#formats,
      attempts: this.#attempts,
      firstUs: this.#firstUs,
      lastUs: this.#lastUs,
      detected: detectFormat(this.#sample),
      sampled: this.#sample.length,
    };
  }

  #countStored({ format, unread }: AccessRecord, { startUs, attempts }: Exchange): void {
    this.#stored += 1;
    if (unread === null) this.#whole += 1;
    this.#formats.set(format, (this.#formats.get(format) ?? 0) + 1);
    this.#attempts += attempts.length;
    this.#firstUs = Math.min(this.#firstUs, startUs);
    this.#lastUs = Math.max(this.#lastUs, startUs);
  }
}

interface Horizon {
  readonly retentionDays: number;
  readonly nowMs: number;
}

const dayMs = 86_400_000;

/** The summary in sentences. */
export function parseSummary(
  { file, format }: ParseOptions,
  summary: ParseSummary,
  horizon: Horizon,
): string {
  const { lines, stored, whole, held, logLines, refused } = summary;
  const sentences = [
    `${file}: ${lines} lines, ${stored} understood (${whole} to the last field), ${held} kept for a later line, ${logLines} of an error log, ${refused} not understood.`,
    formatSentence(format, summary),
    ...(stored === 0 ? [] : timeSentences(summary, horizon)),
  ];
  return `${sentences.join("\n")}\n`;
}

function formatSentence(named: string, { detected, sampled, formats }: ParseSummary): string {
  const looks = `${detected.format}, confidence ${detected.confidence.toFixed(2)} by the first ${sampled} lines`;
  const read = [...formats].map(([name, lines]) => `${lines} as ${name}`).join(", ");
  const asNamed = named === "auto" ? "" : ` (--format ${named})`;
  return `Format: ${looks}; read ${read === "" ? "none" : read}${asNamed}.`;
}

function timeSentences({ firstUs, lastUs, attempts }: ParseSummary, horizon: Horizon): string[] {
  const [first, last] = [firstUs, lastUs].map((us) => new Date(us / 1000).toISOString());
  const { retentionDays, nowMs } = horizon;
  const span = `Requests from ${first} to ${last}, with ${attempts} attempts at upstreams.`;
  if (firstUs / 1000 >= nowMs - retentionDays * dayMs) return [span];
  return [
    span,
    `Some are older than ${retentionDays} days: a server with VIASCOPE_RETENTION_DAYS=${retentionDays} refuses those.`,
  ];
}
