import { isIP } from "node:net";
import { join, resolve } from "node:path";

import { z } from "zod";

import { certificateTargetOf } from "#lib/core/certificate.ts";

import { type ScrapeTarget, scrapeTargets } from "./scrape-targets.ts";
import { StartProblem } from "./start-problem.ts";

export interface Settings {
  /** null: the embedded Postgres under `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** Where YAML files with rules are looked for. */
  readonly rulesDir: string;
  /** The address that every listener binds. */
  readonly host: string;
  /** 0 lets the system choose; a role then reports what it got. */
  readonly webPort: number;
  readonly otlpHttpPort: number;
  readonly otlpGrpcPort: number;
  readonly syslogPort: number;
  /** Networks beside this machine whose senders may write over syslog, which knows no token. */
  readonly syslogAllow: readonly string[];
  /** Certificate and key, in PEM, of the listeners for telemetry; null lets them speak without TLS only. */
  readonly tlsFiles: { readonly cert: string; readonly key: string } | null;
  /** Whose pages may send from browsers; `*` stands for every page. */
  readonly corsOrigins: readonly string[];
  readonly workerPort: number;
  /** How many processes take in telemetry on the same ports. */
  readonly ingestProcesses: number;
  readonly password: string | null;
  readonly ingestToken: string | null;
  readonly bodyBytesMax: number;
  /** Where ingest keeps requests while the database is away; null refuses them then. */
  readonly spoolDir: string | null;
  readonly spoolBytesMax: number;
  readonly retention: RetentionDays;
  /** Most series of metrics that a project may have; points of further ones are refused. */
  readonly metricSeriesMax: number;
  /** Pages in Prometheus' format that the worker reads, one each so many seconds. */
  readonly scrape: { readonly targets: readonly ScrapeTarget[]; readonly everySeconds: number };
  readonly logLevel: LogLevel;
  /** Where people reach the web role, for links in messages; null when it is only known by its port. */
  readonly publicUrl: string | null;
  /** Where the web role forwards telemetry to. */
  readonly ingestUrl: string;
  /** Networks and hosts that messages may be sent to beside public addresses over TLS. */
  readonly webhookAllow: readonly string[];
  /** TLS servers whose certificates are checked, as `host`, `host:port` or `name@host:port`. */
  readonly certificateTargets: readonly string[];
  /** Whether the hosts that proxies are seen to ask over TLS are checked as well. */
  readonly certificateUpstreams: boolean;
  /** Networks and hosts beside public ones that may be checked when a page or the traffic names them. */
  readonly probeAllow: readonly string[];
  /** Keys that encrypt the secrets of channels, the first one new secrets; empty: a key file in `dataDir`. */
  readonly secretKeys: readonly string[];
  /** Where our own telemetry goes; null keeps it here. */
  readonly otlpEndpoint: string | null;
}

export interface RetentionDays {
  /** Spans as they came, and the exchanges and attempts in them. */
  readonly traces: number;
  /** Lines of access logs as they came, and the exchanges and attempts in them. */
  readonly accessLogs: number;
  /** Log lines that are no exchange. */
  readonly logs: number;
  /** Points of metrics. */
  readonly metrics: number;
  readonly rollup10s: number;
  readonly rollup1m: number;
  readonly rollup1h: number;
  readonly rollup1d: number;
  /** What our own processes did, and who sent. */
  readonly operations: number;
}

export type LogLevel = (typeof logLevels)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of this process; throws a StartProblem that names the first variable that is wrong and what to write instead. */
export function readSettings(environment: Environment = process.env): Settings {
  const given = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const result = variables.safeParse(Object.fromEntries(given));
  if (!result.success) throw problemOf(result.error, environment);
  refuseSharedPort(result.data);
  return settingsOf(result.data);
}

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

const port = (fallback: number) =>
  wholeNumber(0, 65_535, `a port number from 0 to 65535, such as ${fallback}`).default(fallback);
const days = (example: number) =>
  wholeNumber(1, 36_500, `a number of days from 1 to 36500, such as ${example}`);

const variables = z.object({
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\/./,
      "a Postgres address such as postgresql://user:password@host:5432/database",
    )
    .optional(),
  VIASCOPE_DATA_DIR: z.string().default(".viascope"),
  VIASCOPE_RULES_DIR: z.string().optional(),
  VIASCOPE_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, "an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0")
    .default("127.0.0.1"),
  PORT: port(3000),
  VIASCOPE_OTLP_HTTP_PORT: port(4318),
  VIASCOPE_OTLP_GRPC_PORT: port(4317),
  VIASCOPE_SYSLOG_PORT: port(5514),
  VIASCOPE_WORKER_PORT: port(4319),
  VIASCOPE_INGEST_PROCESSES: wholeNumber(
    1,
    64,
    "a number of processes from 1 to 64, such as 2",
  ).default(1),
  VIASCOPE_PASSWORD: z.string().optional(),
  VIASCOPE_INGEST_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]+$/,
      "printable characters without spaces, because it travels in an HTTP header",
    )
    .optional(),
  VIASCOPE_BODY_BYTES_MAX: wholeNumber(
    1_024,
    1_073_741_824,
    "a number of bytes from 1024 to 1073741824, such as 67108864",
  ).default(67_108_864),
  VIASCOPE_SPOOL_DIR: z
    .string()
    .transform((path) => resolve(path))
    .optional(),
  VIASCOPE_SPOOL_BYTES_MAX: wholeNumber(
    1_048_576,
    999_999_999_999,
    "a number of bytes from 1048576 to 999999999999, such as 4294967296",
  ).default(4_294_967_296),
  VIASCOPE_RETENTION_DAYS: days(14).default(14),
  VIASCOPE_RETENTION_TRACES_DAYS: days(14).optional(),
  VIASCOPE_RETENTION_ACCESS_LOGS_DAYS: days(14).optional(),
  VIASCOPE_RETENTION_LOGS_DAYS: days(14).optional(),
  VIASCOPE_RETENTION_METRICS_DAYS: days(14).optional(),
  VIASCOPE_METRIC_SERIES_MAX: wholeNumber(
    1,
    1_000_000,
    "a number of series from 1 to 1000000, such as 20000",
  ).default(20_000),
  VIASCOPE_SCRAPE: z.string().transform(scrapeTargets).optional(),
  VIASCOPE_SCRAPE_SECONDS: wholeNumber(
    1,
    3_600,
    "a number of seconds from 1 to 3600, such as 15",
  ).default(15),
  VIASCOPE_RETENTION_10S_DAYS: days(2).default(2),
  VIASCOPE_RETENTION_1M_DAYS: days(30).default(30),
  VIASCOPE_RETENTION_1H_DAYS: days(395).default(395),
  VIASCOPE_RETENTION_1D_DAYS: days(1_830).default(1_830),
  VIASCOPE_RETENTION_OPERATIONS_DAYS: days(7).default(7),
  VIASCOPE_LOG_LEVEL: z.enum(logLevels, `one of ${logLevels.join(", ")}`).default("info"),
  VIASCOPE_PUBLIC_URL: httpUrl("http://viascope.example.com").optional(),
  VIASCOPE_INGEST_URL: httpUrl("http://127.0.0.1:4318").optional(),
  VIASCOPE_WEBHOOK_ALLOW: allowList(),
  VIASCOPE_PROBE_ALLOW: allowList(),
  VIASCOPE_SYSLOG_ALLOW: z
    .string()
    .transform(words)
    .refine(
      (entries) => entries.every(isNetwork),
      "networks between commas, such as 10.0.0.0/8, 192.0.2.7, fd00::/8",
    )
    .default([]),
  VIASCOPE_TLS_CERT_FILE: z.string().optional(),
  VIASCOPE_TLS_KEY_FILE: z.string().optional(),
  VIASCOPE_CORS_ORIGINS: z
    .string()
    .transform(words)
    .refine(
      (origins) =>
        origins.every(
          (origin) => origin === "*" || (URL.canParse(origin) && new URL(origin).origin === origin),
        ),
      "origins between commas, such as https://shop.example.com, or * for every one",
    )
    .default([]),
  VIASCOPE_CERTIFICATE_TARGETS: z
    .string()
    .transform(words)
    .refine(
      (targets) => targets.every((target) => certificateTargetOf(target) !== null),
      "hosts between commas, such as goproxy.example.com, 10.0.0.5:8443, goproxy.example.com@10.0.0.5:8443",
    )
    .default([]),
  VIASCOPE_CERTIFICATE_UPSTREAMS: z.enum(["on", "off"], "on or off").default("off"),
  VIASCOPE_SECRET_KEY: z
    .string()
    .transform(words)
    .refine(
      (keys) => keys.every((key) => Buffer.from(key, "base64").length === 32),
      "32 random bytes in base64, as `openssl rand -base64 32` prints them; older keys may follow after a comma",
    )
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl("http://127.0.0.1:4318").optional(),
});
type Variables = z.infer<typeof variables>;

const secret = new Set([
  "DATABASE_URL",
  "VIASCOPE_PASSWORD",
  "VIASCOPE_INGEST_TOKEN",
  "VIASCOPE_SCRAPE",
  "VIASCOPE_SECRET_KEY",
]);

function wholeNumber(least: number, most: number, shape: string) {
  return z
    .string()
    .regex(/^\d{1,12}$/, shape)
    .transform(Number)
    .refine((value) => value >= least && value <= most, shape);
}

function allowList() {
  return z
    .string()
    .transform(words)
    .refine(
      (entries) => entries.every((entry) => /^(\*\.)?[\w.:-]+(\/\d{1,3})?$/.test(entry)),
      "networks, addresses and hosts between commas, such as 10.0.0.0/8, hooks.internal, *.internal",
    )
    .default([]);
}

/** An address, with or without the length of its network. */
function isNetwork(entry: string): boolean {
  const [address = "", length, ...more] = entry.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return (
    length === undefined ||
    (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128))
  );
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== "");
}

function httpUrl(example: string) {
  const shape = `an http or https address such as ${example}`;
  return z
    .string()
    .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), shape)
    .transform((text) => text.replace(/\/+$/, ""));
}

function problemOf(error: z.ZodError, environment: Environment): StartProblem {
  const [issue] = error.issues;
  const name = String(issue?.path[0] ?? "A setting");
  const value = secret.has(name) ? "set" : `"${environment[name] ?? ""}"`;
  return new StartProblem(
    `${name} is ${value}, but must be ${issue?.message ?? "something else"}.`,
  );
}

const ports = [
  "PORT",
  "VIASCOPE_OTLP_HTTP_PORT",
  "VIASCOPE_OTLP_GRPC_PORT",
  "VIASCOPE_SYSLOG_PORT",
  "VIASCOPE_WORKER_PORT",
] as const;

function tlsFilesOf(values: Variables): Settings["tlsFiles"] {
  const { VIASCOPE_TLS_CERT_FILE: cert, VIASCOPE_TLS_KEY_FILE: key } = values;
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) };
  if (cert === undefined && key === undefined) return null;
  throw new StartProblem(
    "VIASCOPE_TLS_CERT_FILE and VIASCOPE_TLS_KEY_FILE belong together: set both, or none.",
  );
}

function refuseSharedPort(values: Variables): void {
  for (const [place, name] of ports.entries()) {
    const twin = ports.slice(place + 1).find((other) => values[other] === values[name]);
    if (twin === undefined || values[name] === 0) continue;
    throw new StartProblem(
      `${name} and ${twin} are both ${values[name]}: give one of them another port.`,
    );
  }
}

function spoolOf(values: Variables): Pick<Settings, "spoolDir" | "spoolBytesMax"> {
  return {
    spoolDir: values.VIASCOPE_SPOOL_DIR ?? null,
    spoolBytesMax: values.VIASCOPE_SPOOL_BYTES_MAX,
  };
}

function retentionOf(values: Variables): RetentionDays {
  const received = values.VIASCOPE_RETENTION_DAYS;
  return {
    traces: values.VIASCOPE_RETENTION_TRACES_DAYS ?? received,
    accessLogs: values.VIASCOPE_RETENTION_ACCESS_LOGS_DAYS ?? received,
    logs: values.VIASCOPE_RETENTION_LOGS_DAYS ?? received,
    metrics: values.VIASCOPE_RETENTION_METRICS_DAYS ?? received,
    rollup10s: values.VIASCOPE_RETENTION_10S_DAYS,
    rollup1m: values.VIASCOPE_RETENTION_1M_DAYS,
    rollup1h: values.VIASCOPE_RETENTION_1H_DAYS,
    rollup1d: values.VIASCOPE_RETENTION_1D_DAYS,
    operations: values.VIASCOPE_RETENTION_OPERATIONS_DAYS,
  };
}

function settingsOf(values: Variables): Settings {
  return {
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: resolve(values.VIASCOPE_DATA_DIR),
    rulesDir: resolve(values.VIASCOPE_RULES_DIR ?? join(values.VIASCOPE_DATA_DIR, "rules")),
    host: values.VIASCOPE_HOST,
    webPort: values.PORT,
    otlpHttpPort: values.VIASCOPE_OTLP_HTTP_PORT,
    otlpGrpcPort: values.VIASCOPE_OTLP_GRPC_PORT,
    syslogPort: values.VIASCOPE_SYSLOG_PORT,
    syslogAllow: values.VIASCOPE_SYSLOG_ALLOW,
    tlsFiles: tlsFilesOf(values),
    corsOrigins: values.VIASCOPE_CORS_ORIGINS,
    workerPort: values.VIASCOPE_WORKER_PORT,
    ingestProcesses: values.VIASCOPE_INGEST_PROCESSES,
    password: values.VIASCOPE_PASSWORD ?? null,
    ingestToken: values.VIASCOPE_INGEST_TOKEN ?? null,
    bodyBytesMax: values.VIASCOPE_BODY_BYTES_MAX,
    ...spoolOf(values),
    retention: retentionOf(values),
    metricSeriesMax: values.VIASCOPE_METRIC_SERIES_MAX,
    scrape: {
      targets: values.VIASCOPE_SCRAPE ?? [],
      everySeconds: values.VIASCOPE_SCRAPE_SECONDS,
    },
    logLevel: values.VIASCOPE_LOG_LEVEL,
    publicUrl: values.VIASCOPE_PUBLIC_URL ?? null,
    ingestUrl:
      values.VIASCOPE_INGEST_URL ??
      urlOfListener(values.VIASCOPE_HOST, values.VIASCOPE_OTLP_HTTP_PORT),
    webhookAllow: values.VIASCOPE_WEBHOOK_ALLOW,
    certificateTargets: values.VIASCOPE_CERTIFICATE_TARGETS,
    certificateUpstreams: values.VIASCOPE_CERTIFICATE_UPSTREAMS === "on",
    probeAllow: values.VIASCOPE_PROBE_ALLOW,
    secretKeys: values.VIASCOPE_SECRET_KEY ?? [],
    otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
  };
}

/** The address at which this machine reaches a listener of its own. */
export function urlOfListener(host: string, listeningPort: number): string {
  if (host === "0.0.0.0") return `http://127.0.0.1:${listeningPort}`;
  if (host === "::") return `http://[::1]:${listeningPort}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${listeningPort}`;
}
