import { readFileSync } from "node:fs";

import type { AccessRecord, LineDecoder } from "#lib/decode/access-record.ts";

/** Lines of a recording under tests/fixtures/access-log. */
export function fixtureLines(file: string): string[] {
  const text = readFileSync(new URL(`fixtures/access-log/${file}`, import.meta.url), "utf8");
  return text.split("\n").filter((line) => line !== "");
}

/** The lines' records; a refused line fails the test that reads it. */
export function recordsOf(decoder: LineDecoder, lines: readonly string[]): AccessRecord[] {
  return lines.map((line) => {
    const record = decoder.decode(line);
    if (typeof record === "string") throw new TypeError(`${record} ${line}`);
    return record;
  });
}

/** How often each value occurs. */
export function countsOf(values: readonly (string | number | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

/** The record of one line. */
export function recordOf(decoder: LineDecoder, line: string, seenUs?: number): AccessRecord {
  const record = decoder.decode(line, seenUs);
  if (typeof record === "string") throw new TypeError(`${record} ${line}`);
  return record;
}
