import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { accessLogDecoder, accessLogFormats } from "#lib/decode/access-log.ts";
import { type AccessRecord, heldLine } from "#lib/decode/access-record.ts";
import { fixtureLines } from "#tests/access-log.ts";
import { corpora, corpusLines, logCorpora } from "#tests/log-corpora.ts";

/** Writes the tables of docs/log-formats.md: what is understood of real logs. `node bench/log-formats.ts` */
const document = new URL("../docs/log-formats.md", import.meta.url);
const begin = "<!-- begin: written by bench/log-formats.ts -->";
const end = "<!-- end -->";

/** Recordings of this repository that are not among the corpora. */
const ownRecordings = ["timed", "combined", "upstreaminfo", "json"].map((name) => ({
  file: `nginx-lab/${name}.log`,
  format: "nginx",
}));

interface Reading {
  readonly file: string;
  readonly format: string;
  readonly lines: number;
  readonly records: readonly AccessRecord[];
  readonly kept: number;
  readonly refusals: readonly string[];
}

/** What a record may tell. */
const facts: Readonly<Record<string, (record: AccessRecord) => boolean>> = {
  duration: ({ durationUs }) => durationUs !== null,
  bytes: ({ bytes }) => bytes !== null,
  cache: ({ cacheWord }) => cacheWord !== null,
  upstream: ({ attempts }) =>
    attempts.some(({ upstream, endpoint }) => (upstream ?? endpoint) !== null),
  "upstream's time": ({ attempts }) => attempts.some(({ durationUs }) => durationUs !== null),
  "several attempts": ({ attempts }) => attempts.length > 1,
  "why an attempt failed": ({ attempts }) => attempts.some(({ errorType }) => errorType !== null),
  "client TLS failure": ({ clientTlsReason }) => clientTlsReason !== null,
  trace: ({ traceId }) => traceId !== null,
};

if (!existsSync(corpora))
  throw new Error("The corpora are not here: the tables can only be written beside them.");

const readings = [
  ...logCorpora.map(({ file, format }) => readingOf(file, format, corpusLines(file))),
  ...ownRecordings.map(({ file, format }) => readingOf(file, format, fixtureLines(file))),
];
const text = readFileSync(document, "utf8");
const [before = "", rest = ""] = text.split(begin);
const after = rest.split(end)[1] ?? "";
writeFileSync(document, `${before}${begin}\n\n${tables()}\n\n${end}${after}`);

function readingOf(file: string, format: string, lines: readonly string[]): Reading {
  const decoder = accessLogDecoder({ format, logFormat: null });
  const found = lines.map((line) => decoder.decode(line));
  const refusals = found.filter((record) => typeof record === "string");
  return {
    file,
    format,
    lines: lines.length,
    records: found.filter((record) => typeof record !== "string"),
    kept: refusals.filter((reason) => reason === heldLine).length,
    refusals: refusals.filter((reason) => reason !== heldLine),
  };
}

function tables(): string {
  return [
    "### Lines, format by format",
    row(["format", "lines", "understood", "to the last field", "kept for a later line", "refused"]),
    row(Array.from({ length: 6 }, () => "---")),
    ...formats().map((format) =>
      formatRow(
        format,
        readings.filter((reading) => reading.format === format),
      ),
    ),
    "",
    "### What the lines of a format were found to tell",
    row(["format", ...Object.keys(facts)]),
    row(Array.from({ length: Object.keys(facts).length + 1 }, () => "---")),
    ...formats().map(factsRow),
    "",
    "### File by file",
    row(["log", "read as", "lines", "understood", "to the last field", "why lines are refused"]),
    row(Array.from({ length: 6 }, () => "---")),
    ...readings.map(fileRow),
  ].join("\n");
}

function formats(): string[] {
  return accessLogFormats.filter((format) => format !== "auto");
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function wholeOf(reading: Reading): number {
  return reading.records.filter(({ unread }) => unread === null).length;
}

function formatRow(format: string, own: readonly Reading[]): string {
  return row([
    format,
    sum(own.map(({ lines }) => lines)),
    sum(own.map(({ records }) => records.length)),
    sum(own.map(wholeOf)),
    sum(own.map(({ kept }) => kept)),
    sum(own.map(({ refusals }) => refusals.length)),
  ]);
}

function factsRow(format: string): string {
  const records = readings
    .filter((reading) => reading.format === format)
    .flatMap((reading) => reading.records);
  if (records.length === 0) return row([format, ...Object.keys(facts).map(() => "")]);
  return row([format, ...Object.values(facts).map((tells) => (records.some(tells) ? "yes" : "-"))]);
}

function fileRow(reading: Reading): string {
  const { file, format, lines, records, kept, refusals } = reading;
  const reasons = [...new Set(refusals)].map((reason) => reason.replaceAll("|", "\\|"));
  const why = kept > 0 ? [`${kept} kept for their request`, ...reasons] : reasons;
  return row([file, format, lines, records.length, wholeOf(reading), why.join("<br>")]);
}
