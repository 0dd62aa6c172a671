import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";

import { StartProblem } from "#lib/config/start-problem.ts";
import { accessLogDecoder, type StreamDecoder } from "#lib/decode/access-log.ts";
import { heldLine } from "#lib/decode/access-record.ts";
import { type JoinedLine, LineJoiner } from "#lib/decode/log-lines.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";

import { lineLengthMax } from "./ingest/lines.ts";
import { linesIn } from "./parse/lines.ts";
import { parseOptions, type ParseOptions } from "./parse/options.ts";
import { logLineForm, storedForm } from "./parse/stored-form.ts";
import { type ParsedLine, parseSummary, type ParseSummary, Tally } from "./parse/summary.ts";

export interface ParseStreams {
  readonly input: Readable;
  /** What would be stored, one JSON a line. */
  readonly output: Writable;
  /** The refused lines as `FILE:LINE: reason`, and the summary. */
  readonly notes: Writable;
}

/** Exit codes of `parse`. */
const allUnderstood = 0;
const someRefused = 2;

/** Prints what would be stored of a log file, which lines would be refused and why; gives the exit code. */
export async function runParse(
  words: readonly string[],
  retentionDays: number,
  nowMs: number,
): Promise<number> {
  const options = parseOptions(words);
  const input = options.file === "-" ? process.stdin : await opened(options.file);
  // Whoever read the output has seen enough, such as `head`.
  process.stdout.on("error", () => process.exit(allUnderstood));
  const streams = { input, output: process.stdout, notes: process.stderr };
  const summary = await parseLog(options, streams, nowMs);
  process.stderr.write(parseSummary(options, summary, { retentionDays, nowMs }));
  return summary.refused === 0 ? allUnderstood : someRefused;
}

/** Reads a whole log line by line, as ingest would, with no more than a line in memory. */
export async function parseLog(
  options: ParseOptions,
  { input, output, notes }: ParseStreams,
  nowMs: number,
): Promise<ParseSummary> {
  const decoder = accessLogDecoder(options);
  const joiner = new LineJoiner();
  const tally = new Tally();
  for await (const { place, text } of joinedLinesIn(input, joiner, tally)) {
    if (text === "") continue;
    const number = place + 1;
    const read = readLine(text, decoder, options.proxy, nowMs);
    const note = tally.note(read);
    if (note !== null) await write(notes, `${options.file}:${number}: ${note}\n`);
    const found = options.quiet ? null : printed(read);
    if (found !== null) await write(output, `${JSON.stringify({ line: number, ...found })}\n`);
  }
  return tally.summary(joiner.lines);
}

async function* joinedLinesIn(
  input: Readable,
  joiner: LineJoiner,
  tally: Tally,
): AsyncGenerator<JoinedLine> {
  for await (const line of linesIn(input)) {
    tally.sample(line);
    yield { place: joiner.lines, text: joiner.next(line) };
  }
  yield* joiner.rest();
}

/** What is printed of a line; null for one that is kept for another, or was not understood. */
function printed(line: ParsedLine): object | null {
  if (line.kind === "logLine") return { logLine: logLineForm(line.event) };
  if (line.kind !== "stored") return null;
  const { format, unread } = line.record;
  return { format, unread, ...storedForm(line.exchange) };
}

function readLine(text: string, decoder: StreamDecoder, proxy: string, nowMs: number) {
  if (text.length > lineLengthMax) {
    const reason = `The line is longer than ${lineLengthMax} characters.`;
    return { kind: "refused", reason } as const;
  }
  const record = decoder.decode(text, nowMs * 1000);
  if (record === heldLine) return { kind: "held" } as const;
  if (typeof record === "string") {
    const event = decoder.event(text, nowMs * 1000);
    return event.isUnderstood
      ? ({ kind: "logLine", event } as const)
      : ({ kind: "refused", reason: record } as const);
  }
  const exchange = exchangeOfRecord(record, { proxy, instance: null });
  return { kind: "stored", record, exchange } as const;
}

async function write(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}

async function opened(file: string): Promise<Readable> {
  const stream = createReadStream(file, { highWaterMark: 262_144 });
  try {
    await once(stream, "open");
    return stream;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartProblem(`${file} cannot be read: ${reason}.`, { cause: error });
  }
}
