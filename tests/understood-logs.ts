import { accessLogDecoder, accessLogFormats } from "#lib/decode/access-log.ts";
import { type AccessRecord, heldLine } from "#lib/decode/access-record.ts";

import { fixtureLines } from "./access-log.ts";
import { corpusLines, type LogCorpus, logCorpora } from "./log-corpora.ts";
import { otherReadings } from "./other-parsers.ts";

/** Recordings of this repository that are not among the corpora. */
const ownRecordings: readonly LogCorpus[] = [
  ...["timed", "combined", "upstreaminfo", "json", "error"].map((name) => ({
    file: `nginx-lab/${name}.log`,
    format: "nginx",
  })),
  { file: "haproxy/lab-haproxy-recommended.log", format: "haproxy" },
  { file: "varnish/varnish-linked.log", format: "varnish" },
];

/** What became of the lines of one log. */
export interface LogReading {
  readonly file: string;
  readonly format: string;
  readonly lines: number;
  readonly records: readonly AccessRecord[];
  /** Lines of an error log, which are kept as such. */
  readonly events: number;
  /** Lines that wait for the line of their request. */
  readonly kept: number;
  readonly refused: readonly Refused[];
  /** Refused lines that are no valid ones. */
  readonly invalid: number;
}

interface Refused {
  readonly line: string;
  readonly reason: string;
}

/** What is understood of every log of the corpora, and of recordings of this repository. */
export function readLogs(): LogReading[] {
  return [
    ...logCorpora.map((corpus) => readingOf(corpus, corpusLines(corpus.file))),
    ...ownRecordings.map((corpus) => readingOf(corpus, fixtureLines(corpus.file))),
  ];
}

/** When the lines are taken to have come, which dates those that have no date. */
const seenUs = Date.UTC(2026, 10, 21) * 1000;

function readingOf({ file, format, invalid }: LogCorpus, lines: readonly string[]): LogReading {
  const decoder = accessLogDecoder({ format, logFormat: null });
  const records: AccessRecord[] = [];
  const refused: Refused[] = [];
  const counts = { events: 0, kept: 0, invalid: 0 };
  for (const line of lines) {
    const found = decoder.decode(line, seenUs);
    if (typeof found !== "string") records.push(found);
    else if (found === heldLine) counts.kept += 1;
    else if (decoder.event(line, seenUs).isUnderstood) counts.events += 1;
    else if (invalid?.test(line) === true) counts.invalid += 1;
    else refused.push({ line, reason: found });
  }
  return { file, format, lines: lines.length, records, refused, ...counts };
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

const countColumns = [
  "lines",
  "requests",
  "read to the last field",
  "of an error log",
  "kept for their request",
  "refused",
  "no valid lines",
];

/** The tables of docs/log-formats.md. */
export function understoodTables(readings: readonly LogReading[]): string {
  const formats = accessLogFormats.filter((format) => format !== "auto");
  const ofFormat = (format: string): LogReading[] =>
    readings.filter((reading) => reading.format === format);
  return [
    `Of ${otherReadings().length} of these lines other projects wrote down what their parsers read (CrowdSec, Datadog, Google's Ops Agent):`,
    "method, path, status, bytes, client, agent and duration are the same here, but for what stands with its reason in",
    "`lib/decode/access-log/other-parsers.test.ts`.",
    "",
    "### Lines, format by format",
    ...table(
      ["format", ...countColumns],
      [
        ...formats.map((format) => [format, ...countsOf(ofFormat(format))]),
        ["all", ...countsOf(readings)],
      ],
    ),
    "",
    "### What the lines of a format were found to tell",
    ...table(
      ["format", ...Object.keys(facts)],
      formats.map((format) => [format, ...factsOf(ofFormat(format))]),
    ),
    "",
    "### File by file",
    ...table(
      ["log", ...countColumns, "why lines are refused"],
      readings.map((reading) => [reading.file, ...countsOf([reading]), reasonsOf(reading)]),
    ),
  ].join("\n");
}

type Cell = string | number;

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function countsOf(readings: readonly LogReading[]): number[] {
  const sum = (count: (reading: LogReading) => number): number =>
    readings.reduce((total, reading) => total + count(reading), 0);
  return [
    sum(({ lines }) => lines),
    sum(({ records }) => records.length),
    sum(({ records }) => records.filter(({ unread }) => unread === null).length),
    sum(({ events }) => events),
    sum(({ kept }) => kept),
    sum(({ refused }) => refused.length),
    sum(({ invalid }) => invalid),
  ];
}

function factsOf(readings: readonly LogReading[]): string[] {
  const records = readings.flatMap((reading) => reading.records);
  return Object.values(facts).map((tells) => (records.some(tells) ? "yes" : "-"));
}

function reasonsOf({ refused }: LogReading): string {
  const reasons = new Set(refused.map(({ reason }) => reason.replaceAll("|", "\\|")));
  return [...reasons].join("<br>");
}
