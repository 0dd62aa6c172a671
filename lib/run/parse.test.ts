import { createReadStream, existsSync, readdirSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { accessLogFormats } from "#lib/decode/access-log.ts";
import { corpora, corpusLines, logCorpora } from "#tests/log-corpora.ts";

import { parseLog } from "./parse.ts";
import { type ParseOptions, parseOptions } from "./parse/options.ts";
import { parseSummary } from "./parse/summary.ts";

const nowMs = Date.UTC(2026, 10, 21, 5);
const line = '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8"';
const usual: ParseOptions = {
  file: "x.log",
  format: "auto",
  logFormat: null,
  timeZone: null,
  proxy: "edge",
  quiet: false,
};

async function parsed(input: Readable, options: Partial<ParseOptions> = {}) {
  const output = gathered();
  const notes = gathered();
  const streams = { input, output: output.stream, notes: notes.stream };
  const summary = await parseLog({ ...usual, ...options }, streams, nowMs);
  const records = output
    .text()
    .split("\n")
    .filter((text) => text !== "")
    .map((text): unknown => JSON.parse(text));
  return { summary, records, notes: notes.text() };
}

function gathered() {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      parts.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => parts.join("") };
}

it("prints what would be stored of each line, and the refused ones with file, line and reason", async () => {
  const { summary, records, notes } = await parsed(
    Readable.from([Buffer.from(`${line}\r\nnonsense\n\n${line}`)]),
  );
  expect(records).toMatchObject([
    { line: 1, format: "nginx", unread: null, time: "2026-11-20T22:09:04.000Z", proxy: "edge" },
    { line: 4, method: "GET", path: "/a", status: 200, bytes: 5, durationUs: null, attempts: [] },
  ]);
  expect(notes).toMatch(/^x\.log:2: The line is no access line: expected .*\n$/);
  expect(summary).toMatchObject({ lines: 4, stored: 2, whole: 2, held: 0, refused: 1 });
});

it("reads times that name no zone by the clock of the one that is given", async () => {
  const error = "2026/11/20 23:09:04 [error] 9#9: *1 upstream timed out";
  const { records } = await parsed(Readable.from([Buffer.from(`${error}\n`)]), {
    timeZone: "Europe/Berlin",
  });
  expect(records).toMatchObject([{ logLine: { time: "2026-11-20T22:09:04.000Z" } }]);
});

it("reads what there is of a line whose end docker did not write", async () => {
  const piece = JSON.stringify({ log: `${line} ${"x".repeat(16_384)}`, stream: "stdout" });
  const { summary, records } = await parsed(Readable.from([Buffer.from(`${piece}\n`)]));
  expect(records).toMatchObject([{ line: 1, status: 200 }]);
  expect(summary).toMatchObject({ lines: 1, stored: 1, refused: 0 });
});

it("reads the same however the stream is cut into chunks, and joins what CRI cut", async () => {
  const time = "2026-11-20T22:09:04.123456789Z";
  const cut = `${time} stdout P ${line.slice(0, 30)}\n${time} stdout F ${line.slice(30)}\n`;
  const whole = Buffer.from(`\uFEFF${line} ö\n${cut}\u001B[32m${line}\u001B[0m\n`);
  const sizes = [1, 2, 7, 64, whole.length];
  const readings = await Promise.all(
    sizes.map((size) =>
      parsed(
        Readable.from(
          Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
            whole.subarray(at * size, (at + 1) * size),
          ),
        ),
      ),
    ),
  );
  expect(readings[0]?.summary).toMatchObject({ lines: 4, stored: 3, refused: 0 });
  expect(readings[0]?.records).toMatchObject([{ line: 1 }, { line: 3 }, { line: 4 }]);
  for (const reading of readings) expect(reading.records).toEqual(readings[0]?.records);
});

it("prints a line of an error log as the log line that it is kept as", async () => {
  const error = "2026/11/20 22:09:04 [error] 7#7: *1 open() failed (2: No such file or directory)";
  const { summary, records, notes } = await parsed(Readable.from([Buffer.from(`${error}\n`)]), {
    format: "nginx",
  });
  expect(records).toMatchObject([
    { line: 1, logLine: { time: "2026-11-20T22:09:04.000Z", severityText: "error", text: error } },
  ]);
  expect([summary.logLines, summary.refused, notes]).toEqual([1, 0, ""]);
});

it("refuses a line that is too long, and reads on", async () => {
  const long = Array.from({ length: 64 }, () => Buffer.alloc(65_536, 120));
  const { summary, notes } = await parsed(Readable.from([...long, Buffer.from(`\n${line}\n`)]), {
    quiet: true,
  });
  expect(summary).toMatchObject({ lines: 2, stored: 1, refused: 1 });
  expect(notes).toBe("x.log:1: The line is longer than 65536 characters.\n");
});

it("tells the format with its confidence, the times, and what is too old to be taken", async () => {
  const { summary } = await parsed(Readable.from([Buffer.from(`${line} rt=0.010 us="200"\n`)]));
  const young = parseSummary(usual, summary, { retentionDays: 14, nowMs });
  expect(young).toBe(
    "x.log: 1 lines, 1 understood (1 to the last field), 0 kept for a later line, 0 of an error log, 0 not understood.\n" +
      "Format: nginx, confidence 0.90 by the first 1 lines; read 1 as nginx.\n" +
      "Requests from 2026-11-20T22:09:03.990Z to 2026-11-20T22:09:03.990Z, with 0 attempts at upstreams.\n",
  );
  const old = parseSummary(usual, summary, { retentionDays: 1, nowMs: nowMs + 30 * 86_400_000 });
  expect(old).toContain("VIASCOPE_RETENTION_DAYS=1 refuses");
});

it.each([
  [[], /Name one log file/],
  [["a", "b"], /Name one log file/],
  [["--format", "iis", "a"], /--format is "iis", but must be one of auto, nginx/],
  [["--what", "a"], /--what/],
])("refuses the words %j with a sentence", (words, sentence) => {
  expect(() => parseOptions(words)).toThrow(sentence);
});

describe.skipIf(!existsSync(corpora))("over logs of other projects", () => {
  it.each(logCorpora)("$file, its format found by itself", async ({ file, format }) => {
    const [byItself, named] = await Promise.all(
      ["auto", format].map((name) => {
        const lines = corpusLines(file).map((text) => Buffer.from(`${text}\n`));
        return parsed(Readable.from(lines), { file, format: name });
      }),
    );
    expect(byItself?.summary.stored).toBeGreaterThanOrEqual(named?.summary.stored ?? 0);
    expect(byItself?.summary.refused).toBe(named?.summary.refused);
    if (byItself?.summary.stored === 0) return;
    expect(accessLogFormats).toContain(byItself?.summary.detected.format);
  });
});

const recordings = new URL("../../tests/fixtures/access-log/", import.meta.url);
const ownLogs = readdirSync(recordings, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".log"))
  .toSorted();

describe("over the recordings of this repository", () => {
  it.each(ownLogs.filter((file) => !file.includes("error")))("%s", async (file) => {
    const path = fileURLToPath(new URL(file, recordings));
    const { summary, notes } = await parsed(createReadStream(path), { file, quiet: true });
    expect(notes).toBe("");
    expect(summary.stored + summary.held).toBeGreaterThan(0);
    expect(summary.whole).toBe(summary.stored);
  });
});
