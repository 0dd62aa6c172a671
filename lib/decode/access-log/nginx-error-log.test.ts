import { describe, expect, it } from "vitest";

import { heldLine } from "#lib/decode/access-record.ts";
import { countsOf, fixtureLines, recordOf } from "#tests/access-log.ts";

import { nginxDecoder } from "./nginx.ts";

describe("a real nginx's error log, sent before the access log of the same requests", () => {
  const decoder = nginxDecoder(null);
  const said = fixtureLines("nginx/lab-nginx-error.log").map((line) => decoder.decode(line));
  const records = fixtureLines("nginx/lab-nginx-timed.log").map((line) => recordOf(decoder, line));
  const attempts = records.flatMap((record) => record.attempts);

  it("tells of the six handshakes with clients that failed, each a record of its own", () => {
    const handshakes = said.filter((record) => typeof record !== "string");
    expect(countsOf(handshakes.map(({ clientTlsReason }) => clientTlsReason))).toEqual({
      unknown_ca: 1,
      protocol_version: 1,
      no_shared_cipher: 1,
      eof: 2,
      unrecognized_name: 1,
    });
    expect(
      handshakes.filter(
        ({ client, method, status }) =>
          client !== "127.0.0.1" || method !== null || status !== null,
      ),
    ).toEqual([]);
  });

  it("tells why ten handshakes with upstreams failed, on the attempts of the access lines", () => {
    expect(
      countsOf(attempts.map(({ tlsReason }) => tlsReason).filter((reason) => reason !== null)),
    ).toEqual({
      certificate_expired: 2,
      self_signed: 1,
      host_mismatch: 1,
      unknown_ca: 1,
      handshake_failure: 1,
      protocol_version: 1,
      wrong_version_number: 1,
      timeout: 1,
      reset: 1,
    });
  });

  it("so that what was refused is told from what failed of TLS", () => {
    expect(
      countsOf(attempts.map(({ errorType }) => errorType).filter((error) => error !== null)),
    ).toEqual({
      connection_refused: 5,
      tls_certificate_error: 5,
      tls_protocol_error: 4,
      connection_timeout: 1,
      connection_read_timeout: 2,
      connection_terminated: 2,
      destination_unavailable: 1,
      http_protocol_error: 1,
    });
  });

  it("tells of the four clients that got a 400 for their certificate or for plain HTTP", () => {
    expect(countsOf(records.map(({ clientTlsReason }) => clientTlsReason))).toMatchObject({
      http_request: 1,
      certificate_required: 1,
      certificate_expired: 1,
    });
    expect(records.filter(({ clientTlsReason }) => clientTlsReason !== null)).toHaveLength(4);
  });

  it("keeps or refuses every other line with a reason", () => {
    expect(new Set(said.filter((record) => typeof record === "string"))).toEqual(
      new Set([heldLine, "The error-log line tells of no request's outcome."]),
    );
  });
});

it("finds a request that holds quotes, and an upstream on a unix socket", () => {
  const decoder = nginxDecoder(null);
  const error =
    '2026/11/20 22:09:07 [error] 1#1: *9 SSL_do_handshake() failed (SSL: error:0A000410:SSL routines::sslv3 alert handshake failure:SSL alert number 40) while SSL handshaking to upstream, client: 192.0.2.7, server: go, request: "GET /a"b HTTP/1.1", upstream: "https://unix:/run/x.sock:/a"b", host: "go"';
  expect(decoder.decode(error)).toBe(heldLine);
  const line = String.raw`192.0.2.7 - - [20/Nov/2026:22:09:07 +0000] "GET /a\x22b HTTP/1.1" 502 5 "-" "-" uct="-" uht="-" urt="0.001" ua="unix:/run/x.sock" us="502"`;
  expect(recordOf(decoder, line)).toMatchObject({
    errorType: "tls_protocol_error",
    attempts: [{ tlsReason: "handshake_failure" }],
  });
});
