import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { exchangeOfRecord } from "#lib/normalize/access-log.ts";
import { countsOf, fixtureLines, recordOf, recordsOf } from "#tests/access-log.ts";

const decoder = (logFormat: string | null = null): ReturnType<typeof accessLogDecoder> =>
  accessLogDecoder({ format: "apache", logFormat });

const detail = String.raw`LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D us %{ms}T ms cache=\"%{cache-status}e\" hit=\"%{cache-hit}e\" worker=\"%{BALANCER_WORKER_NAME}e\" balancer=\"%{BALANCER_NAME}e\" conn=%X handler=%R tls=%{SSL_PROTOCOL}x/%{SSL_CIPHER}x verify=\"%{SSL_CLIENT_VERIFY}x\" id=%{UNIQUE_ID}e errid=%L rid=\"%{X-Request-Id}i\"" detail`;

const said = ({ status, method, path, startUs }: AccessRecord): unknown => [
  status,
  method,
  path,
  startUs,
];

describe("the sums over the lab's 53 lines are those of the scenarios", () => {
  const lines = fixtureLines("apache/lab-apache-detail.log");
  const records = recordsOf(decoder(), lines);

  it("cache outcomes", () => {
    const outcomes = records.map(
      (record) => exchangeOfRecord(record, { proxy: "p", instance: null }).cache,
    );
    // Saved misses 8 and one invalidated; 23 not cacheable.
    expect(countsOf(outcomes)).toEqual({
      hit: 4,
      stale: 1,
      revalidated: 1,
      miss: 9,
      bypass: 23,
      none: 15,
    });
  });

  it("every line has its duration in microseconds, to its last field", () => {
    expect(
      records.filter(({ durationUs, unread }) => durationUs === null || unread !== null),
    ).toEqual([]);
    expect(records[0]?.durationUs).toBe(4_029);
  });

  it("by its LogFormat the same is read as by its shape", () => {
    expect(recordsOf(decoder(detail), lines)).toEqual(records);
  });

  it.each(["combined", "vhost", "common"])("the %s log says the same as far as it goes", (name) => {
    const others = recordsOf(decoder(), fixtureLines(`apache/lab-apache-${name}.log`));
    expect(others.map(said)).toEqual(records.map(said));
    expect(others.filter(({ unread }) => unread !== null)).toEqual([]);
  });
});

const head = '192.0.2.7 - - [20/Nov/2026:22:19:05 +0000] "GET /a HTTP/1.1"';

describe("reads what stands around a line, which logs the start", () => {
  const startUs = Date.UTC(2026, 10, 20, 22, 19, 5) * 1000;
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "common",
      `${head} 200 2326`,
      { startUs, status: 200, bytes: 2326, durationUs: null, cacheWord: null },
    ],
    [
      "a virtual host",
      `go.example:443 ${head} 403 6963 "-" "curl/8"`,
      { host: "go.example:443", client: "192.0.2.7" },
    ],
    [
      "a name in place of an address",
      'client.example - - [20/Nov/2026:22:19:05 +0000] "GET /a HTTP/1.1" 200 1',
      { client: "client.example", host: null },
    ],
    ["no status", `${head} - 7908 "-" "-"`, { status: null, bytes: 7908 }],
    ["an empty referrer", `${head} 400 75 "" "curl/8"`, { userAgent: "curl/8" }],
    [
      "a cut request",
      '192.0.2.7 - - [20/Nov/2026:22:19:05 +0000] "-" 408 0 "-" "-"',
      { method: null, status: 408 },
    ],
    [
      "escapes",
      String.raw`192.0.2.7 - - [20/Nov/2026:22:19:05 +0000] "GET /\"q\xc3\xb6 HTTP/1.1" 200 7 "r \\\ \"" "a\tb"`,
      { path: '/"qö', userAgent: "a\tb" },
    ],
    [
      "a binary request",
      String.raw`192.0.2.7 - - [20/Nov/2026:22:19:05 +0000] "\x16\x03\x01\b\t\n" 400 0 "-" "-"`,
      { method: null, path: null, status: 400 },
    ],
    [
      "a bare number, whose unit nobody knows",
      `${head} 200 5 "-" "-" 4029`,
      { durationUs: null, unread: "4029" },
    ],
    [
      "a number with its unit",
      `${head} 200 5 "-" "-" 4029 us`,
      { durationUs: 4_029, unread: null },
    ],
    [
      "pairs",
      `${head} 200 5 "-" "-" duration_us=4029 worker="http://10.0.0.1:80" balancer="balancer://go"`,
      {
        durationUs: 4_029,
        attempts: [
          {
            upstream: "go",
            endpoint: "10.0.0.1:80",
            status: 200,
            durationUs: null,
            errorType: null,
            tlsReason: null,
            canceled: false,
          },
        ],
      },
    ],
    [
      "a failed client certificate",
      `${head} 403 5 "-" "-" verify="FAILED:certificate has expired"`,
      { clientTlsReason: "certificate_expired" },
    ],
    [
      "an answer of the cache, which asked no worker",
      `${head} 200 5 "-" "-" worker="http://10.0.0.1:80" cache="cache hit"`,
      { attempts: [], cacheWord: "cache hit" },
    ],
  ])("%s", (_, line, expected) => {
    expect(recordOf(decoder(), line)).toMatchObject(expected);
  });
});

describe("reads durations by their directive", () => {
  it.each([
    ["%t %>s %D", "[20/Nov/2026:22:19:05 +0000] 200 4029", 4_029],
    ["%t %>s %{us}T", "[20/Nov/2026:22:19:05 +0000] 200 4029", 4_029],
    ["%t %>s %{ms}T", "[20/Nov/2026:22:19:05 +0000] 200 4", 4_000],
    ["%t %>s %T", "[20/Nov/2026:22:19:05 +0000] 200 2", 2_000_000],
    ["%{%Y-%m-%dT%H:%M:%S%z}t %s %D", "2026-11-20T22:19:05+0000 200 7", 7],
    ["%{sec}t %s %D", "1795213145 200 7", 7],
  ])("%s", (format, line, durationUs) => {
    expect(recordOf(decoder(format), line)).toMatchObject({
      durationUs,
      status: 200,
      startUs: 1_795_213_145_000_000,
    });
  });

  it("method, path and query apart", () => {
    expect(
      recordOf(decoder("%t %m %U%q %s"), "[20/Nov/2026:22:19:05 +0000] GET /a?b=c 200"),
    ).toMatchObject({ method: "GET", path: "/a?b=c" });
  });
});

it.each([
  ["", null, /no access line: expected/],
  [
    "[Thu Oct 13 12:24:49.880562 2022] [ssl:info] [pid 10:tid 14] AH02008: SSL library error",
    null,
    /tells of no handshake/,
  ],
  [head, "no directive", /no directive/],
  [head, "%h%s", /no text after %h/],
])(
  "refuses %j by format %j with a sentence that says what was expected",
  (line, format, reason) => {
    expect(decoder(format).decode(line)).toMatch(reason);
  },
);
