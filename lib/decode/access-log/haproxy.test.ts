import { describe, expect, it } from "vitest";

import { relationsOf } from "#lib/core/relations.ts";
import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { countsOf, fixtureLines, recordsOf } from "#tests/access-log.ts";

function read(line: string, logFormat: string | null = null): AccessRecord {
  const [record] = recordsOf(accessLogDecoder({ format: "haproxy", logFormat }), [line]);
  if (record === undefined) throw new TypeError("No record.");
  return record;
}

const startUs = Date.UTC(2026, 10, 20, 22, 11, 19, 546) * 1000;
const head = "10.0.0.7:50452 [20/Nov/2026:22:11:19.546] fe_http";
const tail = '"GET /a HTTP/1.1"';

const start = (record: AccessRecord): unknown => [record.startUs, record.status, record.attempts];

const ended = (state: string, times: string, rest = ""): string =>
  `${head} be/a ${times} 503 217 - - ${state} 1/1/0/0/0 0/0 ${tail}${rest}`;

const relations = (retries: string): unknown =>
  relationsOf(
    exchangeOfRecord(read(`${head} be/b 0/0/0/1/3 200 1 - - ---- 1/1/0/0/${retries} 0/0 ${tail}`), {
      proxy: "p",
      instance: null,
    }).attempts,
  ).map(({ kind }) => kind);

describe("the sums over the lab's 74 lines are those of the scenarios", () => {
  const decoder = accessLogDecoder({ format: "haproxy", logFormat: null });
  const lines = fixtureLines("haproxy/lab-haproxy-raw.log");
  const records = recordsOf(decoder, lines);
  const traffic = records.filter(({ clientTlsReason }) => clientTlsReason === null);

  it("traffic and failed handshakes", () => {
    expect(traffic).toHaveLength(60);
    expect(countsOf(records.map(({ clientTlsReason }) => clientTlsReason))).toEqual({
      null: 60,
      other: 10,
      eof: 2,
      certificate_verify_failed: 2,
    });
  });

  it("retries and redispatches", () => {
    const retried = traffic.filter(({ attempts }) => attempts.length > 1);
    expect(retried).toHaveLength(20);
    expect(retried.filter(({ attempts }) => attempts[0]?.endpoint === null)).toHaveLength(12);
  });

  it("answers of the cache, and misses only where there is one", () => {
    expect(countsOf(traffic.map(({ cacheWord }) => cacheWord))).toMatchObject({ "<CACHE>": 4 });
    const notCached = traffic.filter(({ attempts }) => attempts[0]?.upstream === "be_dead");
    expect(notCached.map(({ cacheWord }) => cacheWord)).toEqual([null, null, null]);
  });

  it("termination states as errors", () => {
    expect(countsOf(traffic.map(({ errorType }) => errorType))).toEqual({
      null: 47,
      http_protocol_error: 1,
      connection_refused: 8,
      connection_timeout: 1,
      connection_read_timeout: 1,
      connection_terminated: 1,
      http_response_incomplete: 1,
    });
  });

  it.each(["rfc3164", "rfc5424"])("the same lines behind %s say the same", (transport) => {
    const wrapped = fixtureLines(`haproxy/lab-haproxy-${transport}.log`);
    const other = accessLogDecoder({ format: "auto", logFormat: null });
    // The syslog messages were cut at another length and came in another order.
    expect(
      countsOf(recordsOf(other, wrapped).map((record) => JSON.stringify(start(record)))),
    ).toEqual(countsOf(records.map((record) => JSON.stringify(start(record)))));
  });
});

it("tells a certificate, a plain port and a refusal apart by the log-format of our documentation", () => {
  const decoder = accessLogDecoder({ format: "auto", logFormat: null });
  const records = recordsOf(decoder, fixtureLines("haproxy/lab-haproxy-recommended.log"));
  const said = records.map(({ attempts, unread }) => [
    attempts.at(-1)?.endpoint,
    attempts.at(-1)?.errorType,
    attempts.at(-1)?.tlsReason,
    unread,
  ]);
  expect(said).toEqual([
    ["127.0.0.1:27001", null, null, null],
    ["127.0.0.1:27444", "tls_certificate_error", "certificate_verify_failed", null],
    ["127.0.0.1:27001", "tls_protocol_error", "wrong_version_number", null],
    ["127.0.0.1:27009", "connection_refused", null, null],
  ]);
});

describe("reads httplog", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "a plain answer",
      `${head} be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 {ua|host} {x} ${tail}`,
      {
        startUs,
        durationUs: 8_000,
        status: 200,
        bytes: 242,
        method: "GET",
        path: "/a",
        client: "10.0.0.7",
        unread: null,
      },
    ],
    [
      "nothing captured",
      `${head} be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 ${tail}`,
      { status: 200, path: "/a" },
    ],
    [
      "an empty capture with bars",
      `${head} be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 {docs||} {|||} ${tail}`,
      { path: "/a", unread: null },
    ],
    [
      "`logasap`",
      `${head} be/a 0/1/2/4/+8 200 +242 - - ---- 1/1/0/0/0 0/0 ${tail}`,
      { durationUs: 8_000, bytes: 242 },
    ],
    [
      "no server",
      `${head} fe_http/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
      { status: 400, attempts: [], method: null, errorType: null },
    ],
    [
      "status -1",
      `${head} be/<NOSRV> -1/-1/-1/-1/9 -1 0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"`,
      { status: null, attempts: [] },
    ],
    [
      "a request cut at the length of a line",
      `${head} be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 "GET /aaaa`,
      { path: "/aaaa", method: "GET" },
    ],
    [
      "an absolute URI",
      `${head}~ be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 "GET https://go.example:443/a HTTP/2.0"`,
      { path: "/a", host: "go.example:443" },
    ],
    [
      "bytes that are no ASCII",
      `${head} be/a 0/1/2/4/8 200 242 - - ---- 1/1/0/0/0 0/0 "GET /m#C3#B6d HTTP/1.1"`,
      { path: "/möd" },
    ],
    [
      "an IPv6 client without brackets",
      `2001:db8::1:58732 [20/Nov/2026:22:11:19.546] fe be/a 0/1/2/4/8 200 1 - - ---- 1/1/0/0/0 0/0 ${tail}`,
      { client: "2001:db8::1" },
    ],
    [
      "a client on a unix socket",
      `unix:3 [20/Nov/2026:22:11:19.546] fe be/a 0/1/2/4/8 200 1 - - ---- 1/1/0/0/0 0/0 ${tail}`,
      { client: "unix:3" },
    ],
    [
      "no client at all",
      `-:22222 [20/Nov/2026:22:11:19.546] fe be/a 0/1/2/4/8 200 1 - - ---- 1/1/0/0/0 0/0 ${tail}`,
      { client: null },
    ],
    [
      "httpslog",
      `${head}~ be/a 0/1/2/4/8 200 1 - - ---- 1/1/0/0/0 0/0 ${tail} 0/0000000000000000/0/0/0 go.example/TLSv1.3/TLS_AES_256_GCM_SHA384`,
      { clientTlsReason: null, unread: null },
    ],
    [
      "httpslog of an untrusted client",
      `${head}~ be/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>" 30/000000000A000086/10/0/0 -/TLSv1.3/-`,
      { clientTlsReason: "certificate_expired" },
    ],
    [
      "the server's address behind the line",
      `${head} be/a 0/1/2/4/8 200 1 - - ---- 1/1/0/0/0 0/0 ${tail} si=10.1.0.1:80 bc_err=0 ssl_bc_err=0`,
      {
        attempts: [
          {
            upstream: "be",
            endpoint: "10.1.0.1:80",
            status: 200,
            durationUs: 6_000,
            errorType: null,
            tlsReason: null,
            canceled: false,
          },
        ],
      },
    ],
    [
      "tcplog",
      `${head} be/a 1/0/3 244 -- 1/1/0/0/0 0/0`,
      {
        durationUs: 3_000,
        bytes: 244,
        status: null,
        method: null,
        attempts: [
          {
            upstream: "be",
            endpoint: "a",
            status: null,
            durationUs: null,
            errorType: null,
            tlsReason: null,
            canceled: false,
          },
        ],
      },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });
});

describe("tells what an attempt failed of", () => {
  it.each([
    ["refused", ended("SC--", "0/0/-1/-1/3"), { errorType: "connection_refused", status: null }],
    [
      "no connection in time",
      ended("sC--", "0/0/-1/-1/3"),
      { errorType: "connection_timeout", status: null },
    ],
    [
      "closed before the answer",
      ended("SH--", "0/0/1/-1/3"),
      { errorType: "connection_terminated", status: null },
    ],
    [
      "no answer in time",
      ended("sH--", "0/0/1/-1/3"),
      { errorType: "connection_read_timeout", status: null },
    ],
    [
      "cut inside the answer",
      ended("SD--", "0/0/1/1/3"),
      { errorType: "http_response_incomplete", status: 503 },
    ],
    ["no HTTP", ended("PH--", "0/0/1/-1/3"), { errorType: "http_protocol_error", status: null }],
    [
      "the client hung up",
      ended("CH--", "0/0/1/-1/3"),
      { errorType: null, status: null, canceled: true },
    ],
    [
      "the client hung up after the answer",
      ended("CD--", "0/0/1/1/3"),
      { errorType: null, status: 503, canceled: false },
    ],
    [
      "TLS, by HAProxy's number",
      ended("SC--", "0/0/-1/-1/3", " bc_err=34"),
      { errorType: "tls_protocol_error", tlsReason: "other" },
    ],
    [
      "TLS, by OpenSSL's code",
      ended("SC--", "0/0/-1/-1/3", " bc_err=34 ssl_bc_err=A000086"),
      { errorType: "tls_certificate_error", tlsReason: "certificate_verify_failed" },
    ],
  ])("%s", (_, text, expected) => {
    expect(read(text).attempts).toMatchObject([expected]);
  });

  it.each([
    ["a refusal", "SC--", "2", "", { errorType: "connection_refused", tlsReason: null }],
    ["a time limit", "sC--", "2", "", { errorType: "connection_timeout", tlsReason: null }],
    [
      "a certificate",
      "SC--",
      "2",
      " ssl_bc_err=A000086",
      { errorType: "tls_certificate_error", tlsReason: "certificate_verify_failed" },
    ],
    // The retries of `retry-on` may have failed of anything.
    ["an answer that never came", "SH--", "2", "", { errorType: null, tlsReason: null }],
    ["redispatches", "SC--", "+2", "", { errorType: null, tlsReason: null, endpoint: null }],
  ])(
    "the retries before the last, when they ended with %s",
    (_, state, retries, rest, expected) => {
      const line = `${head} be/a 0/0/-1/-1/3 503 217 - - ${state} 1/1/0/0/${retries} 0/0 ${tail}${rest}`;
      expect(read(line).attempts.slice(0, -1)).toMatchObject([expected, expected]);
    },
  );

  it("retries at the same server, and redispatches to another, which the line does not name", () => {
    expect(relations("0")).toEqual([]);
    expect(relations("2")).toEqual(["retry", "retry"]);
    expect(relations("+1")).toEqual(["failover"]);
  });
});

describe("reads the line of a handshake that failed", () => {
  it.each([
    ["SSL handshake failure", "other"],
    ["SSL handshake failure after heartbeat", "other"],
    ["SSL handshake failure (error:0A0000C1:SSL routines::no shared cipher)", "no_shared_cipher"],
    ["SSL handshake failure ssl_fc_err=000000000A0000C1 ssl_c_err=0", "no_shared_cipher"],
    ["SSL handshake failure ssl_fc_err=- ssl_c_err=-", "other"],
    ["SSL client certificate not trusted ssl_fc_err=0 ssl_c_err=10", "certificate_expired"],
    ["SSL client certificate not trusted", "certificate_verify_failed"],
    ["SSL client CA chain cannot be verified", "unknown_ca"],
    ["Connection closed during SSL handshake", "eof"],
    ["Timeout during SSL handshake", "timeout"],
    ["Received something which does not look like a PROXY protocol header", null],
  ])("%s", (message, reason) => {
    expect(read(`${head}/1: ${message}`)).toMatchObject({
      clientTlsReason: reason,
      status: null,
      method: null,
      attempts: [],
    });
  });
});

describe("reads what a log-format describes", () => {
  it.each<[string, string, string, Partial<AccessRecord>]>([
    [
      "text",
      "%ci:%cp [%tr] %ft %b/%s %Tc/%Tr/%Ta %ST %B %tsc %rc %{+Q}r",
      '10.0.0.7:1 [20/Nov/2026:22:11:19.546] fe be/a 1/2/3 200 5 ---- 0 "GET /a HTTP/1.1"',
      { startUs, status: 200, path: "/a", durationUs: 3_000 },
    ],
    [
      "its own fields",
      "%Ts %ST %HM %HU %si:%sp %[bc_err] %[ssl_bc_err,hex]",
      "1795212679 503 GET /a 10.1.0.1:80 34 A000086",
      { status: 503, path: "/a" },
    ],
    [
      "JSON",
      '{"time":"%[date(0,ms)]","client":"%ci","backend":"%b","server":"%s","Tc":%Tc,"Tr":%Tr,"Ta":%Ta,"status":%ST,"tsc":"%tsc","retries":"%rc","method":"%HM","uri":%{+Q,+E}HU,"bc_err":"%[bc_err]"}',
      '{"time":"1795212679546","client":"10.0.0.7","backend":"be","server":"a","Tc":-1,"Tr":-1,"Ta":3,"status":503,"tsc":"SC--","retries":"+1","method":"GET","uri":"/a","bc_err":"34"}',
      { startUs, status: 503, durationUs: 3_000, path: "/a", errorType: "tls_protocol_error" },
    ],
  ])("%s", (_, format, line, expected) => {
    expect(read(line, format)).toMatchObject(expected);
  });
});

describe("refuses with a sentence that says what was expected", () => {
  it.each([
    ["", /expected `client:port/],
    [`${head} nonsense`, /were expected/],
    ["Proxy fe_http started.", /no HAProxy traffic line/],
  ])("%j", (line, reason) => {
    expect(accessLogDecoder({ format: "haproxy", logFormat: null }).decode(line)).toMatch(reason);
  });
});
