import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { attemptWith } from "#lib/decode/access-log/blank.ts";
import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { countsOf, fixtureLines, recordOf, recordsOf } from "#tests/access-log.ts";

const decoder = (logFormat: string | null = null): ReturnType<typeof accessLogDecoder> =>
  accessLogDecoder({ format: "squid", logFormat });

const inBerlin = (logFormat: string): ReturnType<typeof accessLogDecoder> =>
  accessLogDecoder({ format: "squid", logFormat, timeZone: "Europe/Berlin" });

function read(line: string): AccessRecord {
  return recordOf(decoder(), line);
}

const said = ({ status, bytes, method }: AccessRecord): unknown =>
  JSON.stringify([status, bytes, method]);

const detailed = (rest: string): string =>
  `ts=1795212876.377 tr=1 client=192.0.2.7:99 status=TCP_MISS/503 upstatus=- bytes=381 method=GET url="http://go.example/a" user=- ${rest} ua="Go x"`;

describe("the sums over the lab's 71 lines are those of the scenarios", () => {
  const records = recordsOf(decoder(), fixtureLines("squid/lab-squid-native.log"));

  it("tags", () => {
    expect(countsOf(records.map(({ cacheWord }) => cacheWord))).toEqual({
      TCP_MISS: 45,
      TCP_MEM_HIT: 4,
      TCP_INM_HIT: 1,
      TCP_REFRESH_UNMODIFIED: 1,
      TCP_REFRESH_MODIFIED: 1,
      TCP_REFRESH_FAIL_ERR: 1,
      TCP_MISS_ABORTED: 1,
      TCP_DENIED: 1,
      TCP_TUNNEL: 2,
      NONE_NONE: 14,
    });
  });

  it("cache outcomes", () => {
    const outcomes = records.map(
      (record) => exchangeOfRecord(record, { proxy: "p", instance: null }).cache,
    );
    expect(countsOf(outcomes)).toEqual({ miss: 47, hit: 5, revalidated: 1, expired: 1, none: 17 });
  });

  it("no attempt where the cache answered", () => {
    expect(
      records.filter(
        ({ cacheWord, attempts }) => cacheWord?.endsWith("_HIT") === true && attempts.length > 0,
      ),
    ).toEqual([]);
  });

  it("the combined log of the same requests says the same as far as it goes", () => {
    const combined = recordsOf(decoder(), fixtureLines("squid/lab-squid-combined.log"));
    expect(countsOf(combined.map((record) => String(said(record))))).toEqual(
      countsOf(records.map((record) => String(said(record)))),
    );
    expect(combined.filter(({ unread }) => unread !== null)).toEqual([]);
  });
});

describe("reads the native format", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "whose time is the end",
      "1795212876.377     42 192.0.2.7 TCP_MISS/404 381 GET http://go.example/a - FIRSTUP_PARENT/10.0.0.1 text/html",
      {
        startUs: 1_795_212_876_335_000,
        durationUs: 42_000,
        status: 404,
        bytes: 381,
        path: "/a",
        host: "go.example",
        client: "192.0.2.7",
      },
    ],
    [
      "nothing sent",
      "1426235912.366 16 192.0.2.7 TCP_MISS_ABORTED/000 0 GET http://go.example/a - HIER_DIRECT/10.0.0.1 -",
      { status: null },
    ],
    [
      "an error in place of a request",
      "1386543500.000 5 192.0.2.7 NONE/405 3364 CONNECT error:method-not-allowed - HIER_NONE/- text/html",
      { method: null, path: null, status: 405, attempts: [] },
    ],
    [
      "a tunnel",
      "1525344856.899 16867 192.0.2.7 TCP_TUNNEL/200 6256 CONNECT go.example:443 - HIER_DIRECT/10.0.0.1 -",
      { method: "CONNECT", path: "go.example:443" },
    ],
    [
      "a user",
      "1525334330.556 3 192.0.2.7 TCP_HIT/200 1 GET http://go.example/a bob HIER_NONE/- text/plain",
      { status: 200 },
    ],
    [
      "more behind it",
      "1525334330.556 3 192.0.2.7 TCP_HIT/200 1 GET http://go.example/a - NONE/- text/plain 902351708.872",
      { unread: "902351708.872" },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it.each<[string, Partial<AccessAttempt>[]]>([
    ["HIER_DIRECT/10.0.0.1", [{ upstream: "go.example", endpoint: "10.0.0.1" }]],
    ["DIRECT/10.0.0.1", [{ upstream: "go.example", endpoint: "10.0.0.1" }]],
    ["FIRSTUP_PARENT/10.0.0.1", [{ upstream: null, endpoint: "10.0.0.1" }]],
    ["TIMEOUT_FIRSTUP_PARENT/10.0.0.1", [{ upstream: null, endpoint: "10.0.0.1" }]],
    ["HIER_NONE/-", []],
    ["NONE/-", []],
    ["TIMEOUT_NONE/-", []],
  ])("%s", (hierarchy, attempts) => {
    expect(
      read(
        `1795212876.377 42 192.0.2.7 TCP_MISS/200 381 GET http://go.example/a - ${hierarchy} text/html`,
      ).attempts,
    ).toMatchObject(attempts);
  });
});

it("reads a header that is named behind its code", () => {
  const reader = decoder('%ts.%03tu "%>h{User-Agent}" %ru');
  const record = recordOf(reader, '1795212876.377 "Go x" http://go.example/a');
  expect(record.userAgent).toBe("Go x");
});

describe("reads what a logformat describes", () => {
  const format =
    'ts=%ts.%03tu tr=%tr client=%>a:%>p status=%Ss/%03>Hs upstatus=%<Hs bytes=%<st method=%rm url="%>ru" user=%[un hier=%Sh peer=%<a:%<p peername=%<A peertime=%<pt tries=%request_attempts err=%err_code/%err_detail ua="%"{User-Agent}>h"';

  it.each<[string, Partial<AccessRecord>]>([
    [
      "hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=ERR_SECURE_CONNECT_FAIL/X509_V_ERR_CERT_HAS_EXPIRED+broken_cert",
      { errorType: "tls_certificate_error", userAgent: "Go x" },
    ],
    [
      "hier=FIRSTUP_PARENT peer=10.0.0.1:443 peername=origin peertime=7 tries=1 err=ERR_SECURE_CONNECT_FAIL/SQUID_TLS_ERR_CONNECT+TLS_LIB_ERR=A00042E+TLS_IO_ERR=1",
      { errorType: "tls_protocol_error" },
    ],
    [
      "hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=ERR_SECURE_ACCEPT_FAIL/SQUID_TLS_ERR_ACCEPT+TLS_LIB_ERR=A000418",
      { clientTlsReason: "unknown_ca", attempts: [] },
    ],
    [
      "hier=FIRSTUP_PARENT peer=10.0.0.1:80 peername=origin peertime=7 tries=1 err=ERR_CONNECT_FAIL/errno=111",
      { errorType: "connection_refused" },
    ],
    [
      // Recorded: a peer on whose port nobody listens.
      "hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=ERR_READ_ERROR/WITH_SERVER",
      {
        errorType: "connection_terminated",
        attempts: [attemptWith(null, null, { errorType: "connection_terminated" })],
      },
    ],
    [
      "hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=ERR_READ_ERROR/WITH_CLIENT",
      { attempts: [] },
    ],
    [
      "hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=ERR_DNS_FAIL/-",
      { errorType: "dns_error", attempts: [] },
    ],
    [
      "hier=FIRSTUP_PARENT peer=10.0.0.1:80 peername=origin peertime=7 tries=1 err=-/-",
      { errorType: null, status: 503 },
    ],
  ])("%s", (rest, expected) => {
    expect(recordOf(decoder(format), detailed(rest))).toMatchObject(expected);
  });

  // Recorded of a Squid that was built with GnuTLS, as Debian's is.
  it.each([
    ["NO_CIPHER_SUITES", "no_shared_cipher"],
    ["UNEXPECTED_PACKET", "wrong_version_number"],
    ["DECRYPTION_FAILED", "bad_record_mac"],
    ["PREMATURE_TERMINATION", "eof"],
  ])("a failed handshake in the words of GnuTLS: %s", (word, clientTlsReason) => {
    const error = `ERR_SECURE_ACCEPT_FAIL/SQUID_TLS_ERR_ACCEPT+GNUTLS_E_${word}`;
    const line = detailed(`hier=HIER_NONE peer=-:- peername=- peertime=- tries=1 err=${error}`);
    expect(recordOf(decoder(format), line)).toMatchObject({ clientTlsReason, attempts: [] });
  });

  it("with the peer's name, its port and the attempts before", () => {
    const { attempts } = recordOf(
      decoder(format),
      detailed("hier=ANY_OLD_PARENT peer=10.0.0.1:80 peername=origin peertime=7 tries=3 err=-/-"),
    );
    expect(attempts).toHaveLength(3);
    expect(attempts[2]).toMatchObject({
      upstream: "origin",
      endpoint: "10.0.0.1:80",
      durationUs: 7_000,
    });
  });
});

describe("reads the time of a logformat by the clock that wrote it", () => {
  const rest = "%tr %>a %Ss/%03>Hs %<st %rm %ru";
  const others = "42 192.0.2.7 TCP_HIT/200 381 GET http://go.example/a";
  /** 42 ms before 22:09:04 UTC, of summer time. */
  const startUs = 1_782_511_743_958_000;

  it.each([
    ["its own zone", "[%tl]", "[26/Jun/2026:22:09:04 +0000]"],
    ["its own zone, without brackets", "%tl", "27/Jun/2026:00:09:04 +0200"],
    ["no zone", "%{%Y-%m-%d %H:%M:%S}tl", "2026-06-27 00:09:04"],
    ["no zone, in short words", "%{%F %T}tl", "2026-06-27 00:09:04"],
    ["no zone, behind the code", "%tl{%d/%b/%Y %T}", "27/Jun/2026 00:09:04"],
    ["two digits of its year", "%{%D %T}tl", "06/27/26 00:09:04"],
    ["a day of one digit", "%{%b %e %Y %T}tl", "Jun 27 2026 00:09:04"],
    ["a weekday", "%{%a %d %b %Y %T %Z}tl", "Sat 27 Jun 2026 00:09:04 CEST"],
    ["GMT", "%{%F %T}tg", "2026-06-26 22:09:04"],
    ["GMT with its zone", "[%tg]", "[26/Jun/2026:22:09:04 +0000]"],
    [
      "GMT first, and then local time",
      "[%tg] [%{%F %T}tl]",
      "[26/Jun/2026:22:09:04 +0000] [2026-06-27 00:09:04]",
    ],
    [
      "local time first, and then GMT",
      "[%{%F %T}tl] [%tg]",
      "[2026-06-27 00:09:04] [26/Jun/2026:22:09:04 +0000]",
    ],
    ["epoch seconds behind it", "[%{%F %T}tl] %ts", "[1999-01-01 00:00:00] 1782511744"],
    ["epoch seconds within it", "%{%s}tl", "1782511744"],
  ])("with %s", (_, format, time) => {
    expect(recordOf(inBerlin(`${format} ${rest}`), `${time} ${others}`)).toMatchObject({
      startUs,
      durationUs: 42_000,
      client: "192.0.2.7",
      unread: null,
    });
  });

  it("with its milliseconds", () => {
    const record = recordOf(
      inBerlin(`%{%F %T}tl.%03tu ${rest}`),
      `2026-06-27 00:09:04.042 ${others}`,
    );
    expect(record.startUs).toBe(startUs + 42_000);
  });

  it.each([
    ["a time of day alone", "%{%T}tl", "22:09:04", /no time that can be read/],
    [
      "a month that is none",
      "%{%d/%b/%Y %T}tl",
      "20/Foo/2026 22:09:04",
      /no time that can be read/,
    ],
    ["twelve hours", "%{%F %I:%M %p}tl", "2026-11-20 10:09 PM", /writes its time with %I/],
  ])("and refuses %s", (_, format, time, reason) => {
    expect(inBerlin(`${format} ${rest}`).decode(`${time} ${others}`)).toMatch(reason);
  });
});

it.each([
  ["", /no Squid access line: expected/],
  ["2026/11/20 22:14:36 kid1| Starting Squid Cache", /no Squid access line: expected/],
])("refuses %j with a sentence that says what was expected", (line, reason) => {
  expect(decoder().decode(line)).toMatch(reason);
});
