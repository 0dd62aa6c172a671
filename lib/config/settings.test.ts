import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { readSettings, urlOfListener } from "./settings.ts";
import { StartProblem } from "./start-problem.ts";

describe("settings", () => {
  it("need no variable at all", () => {
    expect(readSettings({})).toMatchObject({
      databaseUrl: null,
      dataDir: resolve(".viascope"),
      host: "127.0.0.1",
      webPort: 3000,
      otlpHttpPort: 4318,
      ingestUrl: "http://127.0.0.1:4318",
      bodyBytesMax: 64 * 1024 * 1024,
      retention: {
        traces: 14,
        accessLogs: 14,
        logs: 14,
        metrics: 14,
        rollup10s: 2,
        rollup1m: 30,
        rollup1h: 395,
        rollup1d: 1830,
        operations: 7,
      },
    });
  });

  it("take an empty variable for an absent one, as compose files write it", () => {
    expect(readSettings({ DATABASE_URL: "", PORT: "", VIASCOPE_PASSWORD: "" })).toMatchObject({
      databaseUrl: null,
      webPort: 3000,
      password: null,
    });
  });

  it("keep every kind of telemetry for as long as is said of all, or of it", () => {
    const kept = { VIASCOPE_RETENTION_DAYS: "30", VIASCOPE_RETENTION_TRACES_DAYS: "3" };
    expect(readSettings(kept).retention).toMatchObject({
      traces: 3,
      accessLogs: 30,
      logs: 30,
      metrics: 30,
    });
  });

  it("let the system choose every port", () => {
    const zero = { PORT: "0", VIASCOPE_OTLP_HTTP_PORT: "0", VIASCOPE_OTLP_GRPC_PORT: "0" };
    expect(readSettings(zero)).toMatchObject({ webPort: 0, otlpHttpPort: 0, otlpGrpcPort: 0 });
  });

  it.each([
    ["PORT", "http", /^PORT is "http", but must be a port number/],
    ["PORT", "70000", /from 0 to 65535/],
    ["PORT", "-1", /from 0 to 65535/],
    ["VIASCOPE_OTLP_HTTP_PORT", "3000", /^PORT and VIASCOPE_OTLP_HTTP_PORT are both 3000/],
    ["VIASCOPE_RETENTION_DAYS", "0", /a number of days from 1/],
    ["VIASCOPE_RETENTION_LOGS_DAYS", "0", /a number of days from 1/],
    ["VIASCOPE_RETENTION_METRICS_DAYS", "0", /a number of days from 1/],
    ["VIASCOPE_METRIC_SERIES_MAX", "0", /a number of series from 1/],
    ["VIASCOPE_SCRAPE", "athens", /^VIASCOPE_SCRAPE is set, but must be names and addresses/],
    ["VIASCOPE_SCRAPE", "a=http://x/m,a=http://y/m", /each name once/],
    ["VIASCOPE_SCRAPE", "a=file:///etc/passwd", /names and addresses/],
    ["VIASCOPE_SCRAPE_SECONDS", "0", /a number of seconds from 1/],
    ["VIASCOPE_RETENTION_10S_DAYS", "2d", /a number of days/],
    ["VIASCOPE_BODY_BYTES_MAX", "64MB", /a number of bytes/],
    ["VIASCOPE_SPOOL_BYTES_MAX", "1GB", /a number of bytes from 1048576/],
    ["VIASCOPE_INGEST_PROCESSES", "0", /a number of processes from 1 to 64/],
    ["VIASCOPE_LOG_LEVEL", "loud", /one of fatal, error/],
    ["VIASCOPE_HOST", "http://0.0.0.0", /an address or host name/],
    ["VIASCOPE_CERTIFICATE_TARGETS", "a.example, https://b.example", /such as goproxy.example.com/],
    ["VIASCOPE_CERTIFICATE_UPSTREAMS", "yes", /must be on or off/],
    ["VIASCOPE_SYSLOG_PORT", "3000", /^PORT and VIASCOPE_SYSLOG_PORT are both 3000/],
    ["VIASCOPE_SYSLOG_ALLOW", "10.0.0.0/33", /must be networks between commas/],
    ["VIASCOPE_SYSLOG_ALLOW", "edge.internal", /must be networks between commas/],
    ["VIASCOPE_TLS_KEY_FILE", "key.pem", /belong together/],
    ["VIASCOPE_CORS_ORIGINS", "https://a.example/page", /must be origins/],
    ["VIASCOPE_PROBE_ALLOW", "https://b.example", /networks, addresses and hosts/],
    ["VIASCOPE_INGEST_TOKEN", "two words", /without spaces/],
    ["VIASCOPE_PUBLIC_URL", "viascope.example.com", /an http or https address/],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", /an http or https address/],
    ["DATABASE_URL", "mysql://root@db/x", /^DATABASE_URL is set, but must be a Postgres address/],
  ])("%s=%s stops the start with a sentence", (name, value, sentence) => {
    expect(() => readSettings({ [name]: value })).toThrow(StartProblem);
    expect(() => readSettings({ [name]: value })).toThrow(sentence);
  });

  it("never repeat a secret", () => {
    const secret = "mysql://root:hunter2@db/x";
    expect(() => readSettings({ DATABASE_URL: secret })).not.toThrow(/hunter2/);
  });

  it.each([
    ["127.0.0.1", "http://127.0.0.1:4318"],
    ["0.0.0.0", "http://127.0.0.1:4318"],
    ["::", "http://[::1]:4318"],
    ["::1", "http://[::1]:4318"],
    ["ingest.internal", "http://ingest.internal:4318"],
  ])("reach a listener on %s at %s", (host, url) => {
    expect(urlOfListener(host, 4318)).toBe(url);
  });
});
