import { expect, it } from "vitest";

import { otlpAccessReader } from "./otlp-access-log.ts";
import { logsFromJson } from "./otlp-json.ts";
import { decodeLogs } from "./otlp-logs.ts";

type Value = string | number;

function attributesOf(values: Readonly<Record<string, Value>>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(value) },
  }));
}

function read(record: object, resource: Readonly<Record<string, Value>> = {}) {
  const [facts] = decodeLogs(
    logsFromJson(
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: attributesOf(resource) },
            scopeLogs: [{ logRecords: [record] }],
          },
        ],
      }),
    ),
  ).records;
  if (facts === undefined) throw new Error("no record was given");
  return { facts, record: otlpAccessReader()(facts) };
}

const startUs = 1_795_212_544_123_456;
const timeUnixNano = `${startUs}789`;
const traceId = "5b8efff798038103d269b633813fc60c";

const envoyFields = {
  "x-envoy-origin-path": "/rsc.io/quote/@v/v1.5.2.zip",
  ":authority": "proxy.example.com",
  method: "GET",
  response_code: "200",
  response_flags: "-",
  bytes_sent: "512",
  duration: "41",
  upstream_cluster: "athens",
  upstream_host: "10.0.2.1:3000",
  upstream_request_attempt_count: "2",
};
/** As the access logger names itself without a `service.name`. */
const envoyResource = {
  log_name: "otel",
  zone_name: "",
  cluster_name: "edge-envoy",
  node_name: "envoy-7f",
};

it("Envoy's record is known by its attributes, and begins at the record's time", () => {
  const { facts, record } = read(
    { timeUnixNano, traceId, attributes: attributesOf(envoyFields) },
    envoyResource,
  );
  expect(facts).toMatchObject({ service: "edge-envoy", instance: "envoy-7f" });
  expect(record).toMatchObject({
    format: "envoy",
    startUs,
    method: "GET",
    path: "/rsc.io/quote/@v/v1.5.2.zip",
    status: 200,
    bytes: 512,
    durationUs: 41_000,
    traceId,
    attempts: [
      { upstream: "athens", endpoint: null },
      { upstream: "athens", endpoint: "10.0.2.1:3000", status: 200 },
    ],
  });
});

it("Envoy's record with a map for a body is the same", () => {
  const body = { kvlistValue: { values: attributesOf(envoyFields) } };
  expect(read({ timeUnixNano, body }).record).toMatchObject({ startUs, status: 200 });
});

it("Envoy's default text as a body is read, with the trace of its record", () => {
  const stringValue =
    '[2026-11-20T22:09:04.123Z] "GET /a HTTP/1.1" 503 UF 0 91 12 - "-" "curl" "id" "host" "10.0.2.1:443"';
  expect(read({ timeUnixNano, traceId, body: { stringValue } }).record).toMatchObject({
    format: "envoy",
    status: 503,
    errorType: "connection_refused",
    traceId,
  });
});

it("a failed handshake with an upstream keeps its reason", () => {
  const upstream_transport_failure_reason =
    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end";
  const attributes = attributesOf({
    ...envoyFields,
    response_code: "503",
    response_flags: "UF",
    upstream_transport_failure_reason,
  });
  expect(read({ timeUnixNano, attributes }).record?.attempts.at(-1)).toMatchObject({
    errorType: "tls_certificate_error",
    tlsReason: "certificate_verify_failed",
  });
});

const traefikFields = {
  ClientHost: "10.0.0.1",
  DownstreamContentSize: 5,
  DownstreamStatus: 200,
  Duration: 30_000_000,
  OriginStatus: 200,
  OriginDuration: 20_000_000,
  RequestMethod: "GET",
  RequestPath: "/a",
  RetryAttempts: 1,
  RouterName: "web@docker",
  ServiceAddr: "10.0.0.9:80",
  ServiceName: "athens@docker",
};

it.each([
  [
    "Go's own writing of its start",
    { StartUTC: "2026-11-20 22:09:04.123456789 +0000 UTC" },
    startUs,
  ],
  ["an ISO start", { StartUTC: "2026-11-20T22:09:04.123456789Z" }, startUs],
  ["no start: its record was written at the end", {}, startUs - 30_000],
])("Traefik's record is known by its attributes, with %s", (_, start, expected) => {
  const stringValue = "{}";
  const attributes = attributesOf({ ...traefikFields, ...start });
  const { record } = read({ timeUnixNano, traceId, body: { stringValue }, attributes });
  expect(record).toMatchObject({
    format: "traefik",
    startUs: expected,
    durationUs: 30_000,
    status: 200,
    path: "/a",
    traceId,
    attempts: [
      { upstream: "athens@docker" },
      { upstream: "athens@docker", endpoint: "10.0.0.9:80", status: 200 },
    ],
  });
});

it("Traefik's formatted line gives the start that its attributes lack", () => {
  const stringValue =
    '10.0.0.1 - - [20/Nov/2026:22:09:03 +0000] "GET /a HTTP/1.1" 200 5 "-" "-" 7 "web@docker" "http://10.0.0.9:80" 30ms';
  const attributes = attributesOf(traefikFields);
  expect(read({ timeUnixNano, body: { stringValue }, attributes }).record?.startUs).toBe(
    Date.parse("2026-11-20T22:09:03Z") * 1000,
  );
});

it("a line that a collector read from nginx's log file is that request", () => {
  const stringValue =
    '10.0.0.9 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" rt=0.010 ua="10.0.0.1:80" us="200" urt="0.010" cs=HIT';
  expect(read({ body: { stringValue } }).record).toMatchObject({
    format: "nginx",
    cacheWord: "HIT",
  });
});

it.each<[string, object]>([
  ["an application's message", { body: { stringValue: "could not stash module" } }],
  ["JSON of an application", { body: { stringValue: '{"level":"error","msg":"no"}' } }],
  ["nginx's error log", { body: { stringValue: "2026/11/20 22:09:04 [error] 1#1: no" } }],
  ["a word about an upstream", { attributes: attributesOf({ upstream_cluster: "athens" }) }],
  ["a router's name", { attributes: attributesOf({ RouterName: "web@docker" }) }],
  ["nothing at all", {}],
])("%s is no request", (_, record) => {
  expect(read({ timeUnixNano, ...record }).record).toBeNull();
});
