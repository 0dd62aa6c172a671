import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { type AccessRecord, heldLine } from "#lib/decode/access-record.ts";
import { countsOf, fixtureLines, recordOf, recordsOf } from "#tests/access-log.ts";

const request = {
  remote_ip: "192.0.2.7",
  remote_port: "53604",
  client_ip: "198.51.100.1",
  method: "GET",
  host: "go.example",
  uri: "/a",
  headers: { "User-Agent": ["curl/8"] },
};
const access = {
  level: "info",
  ts: 1795213062.4628174,
  logger: "http.log.access.log0",
  msg: "handled request",
  request,
  duration: 0.001605649,
  size: 59,
  status: 200,
};
const line = (members: object): string => JSON.stringify({ ...access, ...members });
const decoder = (): ReturnType<typeof accessLogDecoder> =>
  accessLogDecoder({ format: "caddy", logFormat: null });

function read(members: object): AccessRecord {
  return recordOf(decoder(), line(members));
}

const roundtrip = (members: object): string =>
  JSON.stringify({
    level: "debug",
    ts: 1,
    logger: "http.handlers.reverse_proxy",
    msg: "upstream roundtrip",
    request,
    ...members,
  });

it("counts the lab's 32 access records", () => {
  const records = recordsOf(decoder(), fixtureLines("caddy/lab-caddy-access.log"));
  expect(records).toHaveLength(32);
  expect(
    records.filter(
      ({ durationUs, status, method }) => durationUs === null || status === null || method === null,
    ),
  ).toEqual([]);
  expect(countsOf(records.map(({ attempts }) => attempts.length))).toEqual({ 0: 32 });
});

describe("reads an access record", () => {
  it.each<[string, object, Partial<AccessRecord>]>([
    [
      "whose time is the end",
      {},
      {
        startUs: 1_795_213_062_461_211,
        durationUs: 1_606,
        status: 200,
        bytes: 59,
        client: "198.51.100.1",
        host: "go.example",
        userAgent: "curl/8",
        path: "/a",
      },
    ],
    ["of which nothing was sent", { status: 0 }, { status: null }],
    [
      "whose level is error for a 404",
      { level: "error", status: 404 },
      { status: 404, errorType: null },
    ],
    ["with a duration in text", { duration: "1.5ms" }, { durationUs: 1_500 }],
    ["with a duration in nanoseconds", { duration: 1_605_649_000 }, { durationUs: 1_605_649 }],
    [
      "with a time in text",
      { ts: "2026-11-20T22:17:42.462Z" },
      { startUs: 1_795_213_062_462_000 - 1_606 },
    ],
    [
      "with a trace",
      { traceID: "0af7651916cd43dd8448eb211c80319c" },
      { traceId: "0af7651916cd43dd8448eb211c80319c" },
    ],
  ])("%s", (_, members, expected) => {
    const found = read(members);
    // A float of seconds does not hold every microsecond.
    expect(Math.abs(found.startUs - (expected.startUs ?? found.startUs))).toBeLessThanOrEqual(2);
    expect(found).toMatchObject({ ...expected, startUs: found.startUs });
  });

  it("with what log_append added", () => {
    expect(
      read({
        upstream: "10.0.0.1:80",
        retries: 1,
        upstream_status: 200,
        upstream_duration_ms: 1.25,
      }).attempts,
    ).toMatchObject([
      { endpoint: null, status: null },
      { endpoint: "10.0.0.1:80", status: 200, durationUs: 1_250 },
    ]);
  });
});

describe("keeps the records before an access record for it", () => {
  it("the attempts of the debug log", () => {
    const stream = decoder();
    expect(
      stream.decode(
        roundtrip({
          upstream: "10.0.0.1:80",
          duration: 0.002,
          error: "dial tcp 10.0.0.1:80: connect: connection refused",
        }),
      ),
    ).toBe(heldLine);
    expect(
      stream.decode(roundtrip({ upstream: "10.0.0.2:80", duration: 0.003, status: 200 })),
    ).toBe(heldLine);
    expect(recordOf(stream, line({})).attempts).toMatchObject([
      { endpoint: "10.0.0.1:80", durationUs: 2_000, status: null, errorType: "connection_refused" },
      { endpoint: "10.0.0.2:80", durationUs: 3_000, status: 200, errorType: null },
    ]);
    expect(recordOf(stream, line({})).attempts).toEqual([]);
  });

  it("the reason of an error record", () => {
    const stream = decoder();
    const error = JSON.stringify({
      level: "error",
      ts: 1,
      logger: "http.log.error.log0",
      msg: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      request,
      status: 502,
    });
    expect(stream.decode(error)).toBe(heldLine);
    expect(recordOf(stream, line({ status: 502 })).errorType).toBe("tls_certificate_error");
  });

  it("but not for another request", () => {
    const stream = decoder();
    stream.decode(roundtrip({ upstream: "10.0.0.1:80", status: 200 }));
    expect(recordOf(stream, line({ request: { ...request, uri: "/b" } })).attempts).toEqual([]);
  });
});

it.each([
  ["remote error: tls: unknown certificate authority", "unknown_ca"],
  ["tls: client offered only unsupported versions: [302 301]", "protocol_version"],
  ["EOF", "eof"],
  ["tls: first record does not look like a TLS handshake", "wrong_version_number"],
])("tells that a client's handshake failed: %s", (text, clientTlsReason) => {
  const debug = JSON.stringify({
    level: "debug",
    ts: 1795213062,
    logger: "http.stdlib",
    msg: `http: TLS handshake error from 192.0.2.7:53604: ${text}`,
  });
  expect(recordOf(decoder(), debug)).toMatchObject({
    clientTlsReason,
    client: "192.0.2.7",
    method: null,
    status: null,
  });
});

it.each([
  ["", /no JSON object/],
  ['{"level":"info","ts":1,"msg":"serving initial configuration"}', /no access record/],
  [line({ ts: "yesterday" }), /no `ts`/],
])("refuses %j with a sentence that says what was expected", (text, reason) => {
  expect(decoder().decode(text)).toMatch(reason);
});
