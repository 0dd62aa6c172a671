import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";
import { recordOf } from "#tests/access-log.ts";

function read(line: string, logFormat: string | null = null): AccessRecord {
  return recordOf(accessLogDecoder({ format: "envoy", logFormat }), line);
}

const startUs = Date.UTC(2026, 0, 24, 1, 37) * 1000;
const head = '[2026-01-24T01:37:00.000Z] "GET /a?b=c HTTP/2"';
const asked = { tlsReason: null, errorType: null, canceled: false };

const flagged = (flags: string, details = "-", reason = "-"): AccessRecord =>
  read(
    `${head} 503 ${flags} ${details} - "${reason}" 0 91 30 - "-" "-" "id" "go.example" "10.42.0.82:8080" cluster - - - - -`,
  );

const json = (members: object): AccessRecord =>
  read(
    JSON.stringify({
      start_time: "2026-01-24T01:37:00.000Z",
      method: "GET",
      response_code: 200,
      response_flags: "-",
      duration: 15,
      ...members,
    }),
  );

describe("reads the text format", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "the default",
      `${head} 200 - 0 512 30 15 "192.0.2.7, 10.42.0.1" "curl/8" "id" "go.example" "10.42.0.82:8080"`,
      {
        startUs,
        durationUs: 30_000,
        status: 200,
        bytes: 512,
        method: "GET",
        path: "/a?b=c",
        host: "go.example",
        client: "192.0.2.7",
        userAgent: "curl/8",
        attempts: [
          {
            ...asked,
            upstream: null,
            endpoint: "10.42.0.82:8080",
            status: 200,
            durationUs: 15_000,
          },
        ],
      },
    ],
    [
      "an address of the old form",
      `${head} 200 - 0 512 30 15 "-" "-" "id" "go.example" "tcp://[fd00::e18]:8080"`,
      {
        client: null,
        attempts: [
          {
            ...asked,
            upstream: null,
            endpoint: "[fd00::e18]:8080",
            status: 200,
            durationUs: 15_000,
          },
        ],
      },
    ],
    [
      "nobody asked",
      `${head} 301 - 0 0 1 - "-" "-" "id" "go.example" "-"`,
      { status: 301, attempts: [] },
    ],
    [
      "Istio",
      `${head} 418 - via_upstream - "-" 0 135 11 10 "-" "curl/8" "id" "httpbin:8000" "172.30.146.73:80" outbound|8000||httpbin 10.0.0.1:1 10.0.0.2:8000 10.0.0.3:2 - default`,
      {
        status: 418,
        attempts: [
          {
            ...asked,
            upstream: "outbound|8000||httpbin",
            endpoint: "172.30.146.73:80",
            status: 418,
            durationUs: 10_000,
          },
        ],
      },
    ],
    [
      "Istio of old, with the reason alone",
      `${head} 418 - "-" 0 135 11 10 "-" "curl/8" "id" "httpbin:8000" "172.30.146.73:80" inbound|8000 - - - -`,
      { status: 418, durationUs: 11_000 },
    ],
    [
      "a connection without HTTP",
      '[2026-01-24T01:37:00.000Z] "- - -" 0 UF,URX 0 0 30 - "-" "-" "-" "-" "10.42.0.82:8080"',
      { method: null, path: null, status: null, errorType: "connection_refused" },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });
});

describe("tells by flags and details what an attempt failed of", () => {
  const tls =
    "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end";
  it.each<[string, AccessRecord, Partial<AccessAttempt>]>([
    ["refused", flagged("UF"), { errorType: "connection_refused", status: null }],
    [
      "not connected in time",
      flagged("UF", "upstream_reset_before_response_started{connection_timeout}"),
      { errorType: "connection_timeout", status: null },
    ],
    ["no healthy host", flagged("UH"), { errorType: "destination_unavailable", status: null }],
    ["closed", flagged("UC"), { errorType: "connection_terminated", status: null }],
    ["no answer in time", flagged("UT"), { errorType: "http_response_timeout", status: null }],
    ["too many at once", flagged("UO"), { errorType: "connection_limit_reached", status: null }],
    [
      "refused again and again",
      flagged("UF,URX"),
      { errorType: "connection_refused", status: null },
    ],
    [
      "the upstream's own 503, again and again",
      flagged("URX", "via_upstream"),
      { errorType: null, status: 503 },
    ],
    [
      "a certificate",
      flagged("UF", "upstream_reset", tls),
      { errorType: "tls_certificate_error", tlsReason: "certificate_verify_failed" },
    ],
    [
      "an expired certificate, in the details",
      flagged(
        "UF",
        "upstream_reset{TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:certificate_has_expired}",
      ),
      { errorType: "tls_certificate_error", tlsReason: "certificate_expired" },
    ],
    [
      "no TLS there",
      flagged(
        "UF",
        "-",
        "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end",
      ),
      { errorType: "tls_protocol_error", tlsReason: "wrong_version_number" },
    ],
    ["the client hung up", flagged("DC"), { canceled: true, errorType: null, status: null }],
    ["a flag nobody knows", flagged("XYZ"), { errorType: null, status: 503 }],
  ])("%s", (_, { attempts }, expected) => {
    expect(attempts).toMatchObject([{ upstream: "cluster", ...expected }]);
  });
});

describe("reads JSON", () => {
  it("typed, of Envoy Gateway", () => {
    const members = {
      ":authority": "go.example",
      bytes_sent: 512,
      "x-envoy-origin-path": "/a",
      upstream_cluster: "c",
      upstream_host: "10.0.0.1:80",
      "x-forwarded-for": "192.0.2.7",
      "user-agent": "curl/8",
      upstream_transport_failure_reason: null,
    };
    expect(json(members)).toMatchObject({
      startUs,
      durationUs: 15_000,
      status: 200,
      bytes: 512,
      path: "/a",
      host: "go.example",
      client: "192.0.2.7",
      attempts: [{ upstream: "c", endpoint: "10.0.0.1:80", status: 200 }],
    });
  });

  it.each([
    ["192.0.2.7:51234", "192.0.2.7"],
    ["[2001:db8::1]:51234", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
  ])("the client at %s without its port", (address, client) => {
    expect(json({ downstream_remote_address: address })).toMatchObject({ client });
  });

  it("with every number a string", () => {
    expect(json({ response_code: "404", duration: "7", upstream_host: "-" })).toMatchObject({
      status: 404,
      durationUs: 7_000,
      attempts: [],
    });
  });

  it("with the hosts that were tried before", () => {
    const members = {
      upstream_cluster: "c",
      upstream_host: "10.0.0.2:80",
      upstream_request_attempt_count: 3,
      upstream_hosts_attempted: "10.0.0.1:80,10.0.0.3:80,10.0.0.2:80",
    };
    expect(json(members).attempts.map(({ endpoint, status }) => [endpoint, status])).toEqual([
      ["10.0.0.1:80", null],
      ["10.0.0.3:80", null],
      ["10.0.0.2:80", 200],
    ]);
  });

  it("with only the count of attempts", () => {
    const members = {
      upstream_cluster: "c",
      upstream_host: "10.0.0.2:80",
      upstream_request_attempt_count: "2",
    };
    expect(json(members).attempts.map(({ endpoint }) => endpoint)).toEqual([null, "10.0.0.2:80"]);
  });

  it("a hit of the cache filter, a trace, and why a client's handshake failed", () => {
    expect(json({ response_flags: "RFCF" }).cacheWord).toBe("RFCF");
    expect(json({}).cacheWord).toBeNull();
    expect(json({ trace_id: "0af7651916cd43dd8448eb211c80319c" }).traceId).toBe(
      "0af7651916cd43dd8448eb211c80319c",
    );
    expect(
      json({
        downstream_transport_failure_reason:
          "TLS_error:|268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end",
      }).clientTlsReason,
    ).toBe("http_request");
  });

  it("by the keys of its format", () => {
    const format =
      '{"t":"%START_TIME%","c":"%RESPONSE_CODE%","h":"%UPSTREAM_HOST%","p":"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%","m":"%REQ(:METHOD)%"}';
    expect(
      read(
        '{"t":"2026-01-24T01:37:00.000Z","c":"200","h":"10.0.0.1:80","p":"/a","m":"GET"}',
        format,
      ),
    ).toMatchObject({ status: 200, path: "/a", attempts: [{ endpoint: "10.0.0.1:80" }] });
  });
});

it("reads what a text format describes", () => {
  const format =
    '%START_TIME% %REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %DURATION% "%UPSTREAM_HOST%" %TRACE_ID%';
  expect(
    read(
      '2026-01-24T01:37:00.123Z GET /a 200 12 "10.0.0.1:80" 0af7651916cd43dd8448eb211c80319c',
      format,
    ),
  ).toMatchObject({ startUs: startUs + 123_000, status: 200, path: "/a", durationUs: 12_000 });
});

describe("refuses with a sentence that says what was expected", () => {
  it.each([
    ["", /no Envoy access line: expected/],
    [`${head} 200 -`, /ends early/],
    ["{", /no JSON object/],
    ['{"response_code":200}', /no start time/],
  ])("%j", (line, reason) => {
    expect(accessLogDecoder({ format: "envoy", logFormat: null }).decode(line)).toMatch(reason);
  });
});
