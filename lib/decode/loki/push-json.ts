import { z } from "zod";

import { checkJsonBounds } from "../json-bounds.ts";
import { MalformedPayload } from "../malformed.ts";
import { DatedLines } from "./dated-lines.ts";
import { PushSize } from "./push-size.ts";
import type { LokiStream } from "./stream.ts";

const utf8 = new TextDecoder();
const nanoseconds = /^\d{1,19}$/;

/** Only the outside: entries are many, and read by hand. */
const push = z.object({
  streams: z.array(
    z.object({
      stream: z.record(z.string(), z.string()).default({}),
      values: z.array(z.unknown()),
    }),
  ),
});

/** `{"streams":[{"stream":{...},"values":[["<nanoseconds>","<line>",{...}]]}]}`. */
export function pushFromJson(body: Uint8Array): LokiStream[] {
  const parsed = push.safeParse(jsonOf(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined ? "" : ` at ${issue.path.join(".")}: ${issue.message}`;
    throw new MalformedPayload(
      `The body is no push of Loki${place}; expected {"streams":[{"stream":{},"values":[["nanoseconds","line"]]}]}.`,
    );
  }
  const size = new PushSize();
  return parsed.data.streams.map(({ stream, values }) => {
    size.addStream();
    return { labels: new Map(Object.entries(stream)), lines: linesOf(values, size) };
  });
}

function linesOf(values: readonly unknown[], size: PushSize): DatedLines {
  const lines = new DatedLines();
  for (const value of values) {
    size.addEntry();
    addEntry(lines, value);
  }
  return lines;
}

function addEntry(lines: DatedLines, value: unknown): void {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [time, line] = parts;
  if (typeof time !== "string" || !nanoseconds.test(time) || typeof line !== "string") {
    throw new MalformedPayload(
      'An entry of a stream must be ["nanoseconds since 1970 as a string", "line"].',
    );
  }
  lines.addText(line, Math.floor(Number(time) / 1000));
}

function jsonOf(body: Uint8Array): unknown {
  const text = utf8.decode(body);
  checkJsonBounds(text);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
