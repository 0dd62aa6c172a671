import { describe, expect, it } from "vitest";

import { fixtureLines, countsOf } from "#tests/access-log.ts";

import {
  alertReason,
  openSslCodeReason,
  tlsErrorTypeOf,
  tlsReasonOf,
  x509CodeReason,
} from "./tls-reason.ts";

describe("knows the words of every proxy", () => {
  it.each([
    [
      "SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 127.0.0.1",
      "unknown_ca",
    ],
    [
      "SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol) while SSL handshaking",
      "protocol_version",
    ],
    [
      "SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking",
      "no_shared_cipher",
    ],
    [
      "upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream",
      "certificate_expired",
    ],
    [
      "upstream SSL certificate verify error: (18:self-signed certificate) while SSL handshaking to upstream",
      "self_signed",
    ],
    [
      "upstream SSL certificate verify error: (21:unable to verify the first certificate)",
      "unknown_ca",
    ],
    [
      'upstream SSL certificate does not match "origin.test" while SSL handshaking to upstream',
      "host_mismatch",
    ],
    ["peer closed connection in SSL handshake while SSL handshaking", "eof"],
    ["client closed connection while SSL handshaking", "eof"],
    [
      "peer closed connection in SSL handshake (104: Connection reset by peer) while SSL handshaking to upstream",
      "reset",
    ],
    ["upstream timed out (110: Connection timed out) while SSL handshaking to upstream", "timeout"],
    ["handshake rejected while SSL handshaking", "unrecognized_name"],
    [
      "client sent plain HTTP request to HTTPS port while reading client request headers",
      "http_request",
    ],
    [
      "client sent no required SSL certificate while reading client request headers",
      "certificate_required",
    ],
    ["client SSL certificate verify error: (2:unable to get issuer certificate)", "unknown_ca"],
    ["certificate FAILED:certificate has expired", "certificate_expired"],
    [
      "TLS error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
      "certificate_verify_failed",
    ],
    [
      "TLS_error:|268436498:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE",
      "bad_certificate",
    ],
    [
      "TLS_error:|268436501:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED",
      "certificate_expired",
    ],
    ["TLS_error:|268436504:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA", "unknown_ca"],
    [
      "TLS_error:|268436526:SSL routines:OPENSSL_internal:TLSV1_ALERT_PROTOCOL_VERSION",
      "protocol_version",
    ],
    [
      "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
      "wrong_version_number",
    ],
    [
      "TLS_error:|268435648:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE",
      "certificate_required",
    ],
    ["SSL certificate X509_V_ERR_CERT_HAS_EXPIRED+broken_cert", "certificate_expired"],
    ["SSL certificate SQUID_X509_V_ERR_DOMAIN_MISMATCH", "host_mismatch"],
    ["SSL SQUID_TLS_ERR_ACCEPT+TLS_LIB_ERR=A000418", "unknown_ca"],
    ["SSL SQUID_TLS_ERR_CONNECT+TLS_LIB_ERR=A00042E+TLS_IO_ERR=1", "protocol_version"],
    ["SSL SQUID_TLS_ERR_CONNECT+TLS_IO_ERR=5", "eof"],
    [
      "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026",
      "certificate_expired",
    ],
    [
      "x509: certificate has expired or is not yet valid: current time 2026-11-20T22:09:04Z is before 2027-01-01T00:00:00Z",
      "certificate_not_yet_valid",
    ],
    ["x509: certificate signed by unknown authority", "unknown_ca"],
    ["x509: certificate is valid for other.test, not origin.test", "host_mismatch"],
    ["remote error: tls: unknown certificate authority", "unknown_ca"],
    ["remote error: tls: bad certificate", "bad_certificate"],
    ["remote error: tls: unknown certificate", "certificate_unknown"],
    ["remote error: tls: certificate required", "certificate_required"],
    ["remote error: tls: handshake failure", "handshake_failure"],
    ["remote error: tls: unrecognized name", "unrecognized_name"],
    ["tls: client didn't provide a certificate", "certificate_required"],
    ["tls: no cipher suite supported by both client and server", "no_shared_cipher"],
    ["tls: client offered only unsupported versions: [302]", "protocol_version"],
    ["tls: first record does not look like a TLS handshake", "wrong_version_number"],
    ["tls: client sent an HTTP request to an HTTPS server", "http_request"],
    ["local error: tls: bad record MAC", "bad_record_mac"],
    ["SSL client CA chain cannot be verified", "unknown_ca"],
    ["SSL client certificate not trusted", "certificate_verify_failed"],
    ["javax.net.ssl.SSLHandshakeException: PKIX path building failed", "unknown_ca"],
    ["SSL something new", "other"],
    ["connection refused", null],
    ["", null],
  ])("%s", (text, reason) => {
    expect(tlsReasonOf(text)).toBe(reason);
  });
});

it.each([
  ["0A000418", "unknown_ca"],
  ["A000418", "unknown_ca"],
  ["000000000A000086", "certificate_verify_failed"],
  ["0A0000C7", "certificate_required"],
  ["0A00009C", "http_request"],
  ["0A000458", "unrecognized_name"],
  ["1408F10B", "wrong_version_number"],
  ["1416F086", "certificate_verify_failed"],
  ["14094418", "unknown_ca"],
  ["0A000001", "other"],
  ["0000000000000000", null],
  ["xyz", null],
])("reads OpenSSL's code %s as %s", (hex, reason) => {
  expect(openSslCodeReason(hex)).toBe(reason);
});

it("reads codes of certificates and alerts", () => {
  expect([0, 9, 10, 18, 19, 20, 21, 23, 62, 99].map((code) => x509CodeReason(code))).toEqual([
    null,
    "certificate_not_yet_valid",
    "certificate_expired",
    "self_signed",
    "self_signed",
    "unknown_ca",
    "unknown_ca",
    "certificate_revoked",
    "host_mismatch",
    "certificate_verify_failed",
  ]);
  expect([40, 48, 70, 112, 116, 120, 255].map((alert) => alertReason(alert))).toEqual([
    "handshake_failure",
    "unknown_ca",
    "protocol_version",
    "unrecognized_name",
    "certificate_required",
    "no_application_protocol",
    "other",
  ]);
});

it("tells failures of certificates from those of the protocol", () => {
  expect(tlsErrorTypeOf("certificate_expired")).toBe("tls_certificate_error");
  expect(tlsErrorTypeOf("wrong_version_number")).toBe("tls_protocol_error");
});

it("finds in a real nginx's error log the reasons that the scenarios made", () => {
  const lines = fixtureLines("nginx/lab-nginx-error.log");
  const upstream = lines.filter((line) => line.includes("while SSL handshaking to upstream"));
  const client = lines.filter((line) => /while SSL handshaking,/.test(line));
  expect(countsOf(upstream.map((line) => tlsReasonOf(line)))).toEqual({
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
  expect(
    client
      .map((line) => tlsReasonOf(line))
      .filter((reason) => reason === null || reason === "other"),
  ).toEqual([]);
  expect(client).toHaveLength(6);
});
