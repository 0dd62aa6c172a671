import { type LogItem, logsParams } from "#lib/contract/logs.ts";
import type { Database } from "#lib/db/open.ts";
import { readLogs } from "#lib/run/read-logs.ts";

import { type Command, goProgram, has, pythonProgram } from "./debian-clients.ts";
import { documentedSnippet } from "./documented.ts";
import type { Counted, Stored } from "./stored.ts";
import { attemptsTold } from "./told.ts";

/** How a program sends, as OTEL_EXPORTER_OTLP_PROTOCOL has it. */
export type Protocol = "http/protobuf" | "grpc";

export const protocols: readonly Protocol[] = ["http/protobuf", "grpc"];

/** Programs that send with the SDK of a language. */
export interface SdkPrograms {
  readonly language: string;
  readonly isThere: boolean;
  /** Sends the spans of one request, set up as documented. */
  proxy(folder: string, protocol: Protocol): Promise<Command>;
  /** Sends the same, and tries again as soon as it is told that it may. */
  eagerProxy(folder: string, protocol: Protocol): Promise<Command>;
  /** Sends a log record and three metrics. */
  records(folder: string): Promise<Command>;
}

export const goSdk: SdkPrograms = {
  language: "Go",
  isThere: has.go,
  proxy: (folder, protocol) => goProgram(folder, "proxy", goDocumented(protocol)),
  // Left alone it waits for five seconds, give or take half of them.
  eagerProxy: (folder, protocol) =>
    goProgram(
      folder,
      "proxy",
      goDocumented(protocol).replace(
        /(otlptrace\w+)\.New\(ctx\)/,
        "$1.New(ctx, $1.WithRetry($1.RetryConfig{Enabled: true, InitialInterval: 1e8, MaxInterval: 1e9, MaxElapsedTime: 1e10}))",
      ),
    ),
  records: (folder) => goProgram(folder, "records"),
};

const python: SdkPrograms = {
  language: "Python",
  isThere: has.python,
  proxy: (folder, protocol) => pythonProgram(folder, "proxy", pythonDocumented(protocol)),
  eagerProxy: (folder, protocol) => python.proxy(folder, protocol),
  records: (folder) => pythonProgram(folder, "records"),
};

export const sdks: readonly SdkPrograms[] = [goSdk, python];

function goDocumented(protocol: Protocol): string {
  const snippet = documentedSnippet("otel-go");
  return protocol === "grpc" ? snippet.replaceAll("otlptracehttp", "otlptracegrpc") : snippet;
}

function pythonDocumented(protocol: Protocol): string {
  const snippet = documentedSnippet("otel-python");
  return protocol === "grpc" ? snippet.replaceAll("proto.http", "proto.grpc") : snippet;
}

interface ProxyTold {
  /** Path, status and attempts of each. */
  readonly exchanges: readonly string[];
  readonly counted: Pick<Counted, "requests" | "errors" | "upstreams">;
}

/** What is to be told of a service that ran `proxy` once. */
export const proxySent: ProxyTold = {
  exchanges: ["/rsc.io/quote/@v/v1.5.2.zip 200: 503, 200"],
  counted: { requests: 1, errors: 0, upstreams: { "mirror-a": [1, 1], "mirror-b": [1, 0] } },
};

/** What is told of it. */
export async function proxyTold(stored: Stored, service: string): Promise<ProxyTold> {
  const items = await stored.exchanges(service, 1);
  const { requests, errors, upstreams } = await stored.counts(service);
  return {
    exchanges: items.map((item) => `${item.path} ${item.status}: ${attemptsTold(item).join(", ")}`),
    counted: { requests, errors, upstreams },
  };
}

interface RecordsTold {
  readonly lines: readonly Partial<LogItem>[];
  /** Kind, name, attributes and value of each. */
  readonly points: readonly string[];
}

/** What is to be told of a service that ran `records` once. */
export const recordsSent: RecordsTold = {
  lines: [
    {
      severity: "warn",
      severityText: "WARN",
      text: "upstream answered late",
      traceId: "00000000000000000000000000000001",
      spanId: "0000000000000002",
      attributes: { attempt: 2, hosts: ["a", "b"], "otel.scope.name": "proxy" },
    },
  ],
  // Of a histogram the value is how many it holds.
  points: [
    'counter downloads {"module": "rsc.io/quote"} 3',
    "histogram latency {} 4",
    "updown open_requests {} -2",
  ],
};

/** What is told of it. */
export async function recordsTold(database: Database, service: string): Promise<RecordsTold> {
  const window = { fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000 };
  const params = logsParams.parse({ proxy: service });
  const { items } = await readLogs(database, { project: 1, window }, params);
  const { rows } = await database.pool.query<{ point: string }>(
    `SELECT concat_ws(' ', kind, name, attributes, value) AS point
       FROM metric_point JOIN metric_series ON id = series_id
       WHERE proxy = $1 AND temporality = 'cumulative' ORDER BY point`,
    [service],
  );
  return { lines: items, points: rows.map(({ point }) => point) };
}
