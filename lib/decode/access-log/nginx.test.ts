import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { AccessAttempt, AccessRecord } from "#lib/decode/access-record.ts";

import { nginxDecoder } from "./nginx.ts";

const start = '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" ';
const combined = `${start}200 5 "-" "Go-http-client/1.1"`;
const endUs = Date.UTC(2026, 10, 20, 22, 9, 4) * 1000;

function read(line: string, logFormat: string | null = null): AccessRecord {
  const record = nginxDecoder(logFormat).decode(line);
  if (typeof record === "string") throw new TypeError(record);
  return record;
}

function attemptsOf(fields: string, status = "200"): readonly AccessAttempt[] {
  return read(`${start}${status} 5 "-" "-" ${fields}`).attempts;
}

const timed = (us: string, uct: string, uht: string): string =>
  `ua="10.0.0.1:80" us="${us}" uct="${uct}" uht="${uht}" urt="0.003"`;

const pooled = (addresses: string, statuses: string): string =>
  `1.2.3.4 [20/Nov/2026:22:09:04 +0000] "GET / HTTP/1.1" 200 ${addresses} ${statuses} [pool]`;

const answered = { errorType: null, tlsReason: null, canceled: false, upstream: null };

describe("reads the combined format and what stands around it", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "combined",
      combined,
      {
        status: 200,
        bytes: 5,
        method: "GET",
        path: "/a",
        client: "192.0.2.7",
        startUs: endUs,
        durationUs: null,
        cacheWord: null,
        attempts: [],
      },
    ],
    [
      "common, without referrer and agent",
      `${start}200 2326`,
      { status: 200, bytes: 2326, userAgent: null },
    ],
    [
      "a user with a space",
      '1.2.3.4 - bob smith [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "1.2.3.4", path: "/a" },
    ],
    [
      "a user with a bracket",
      '1.2.3.4 - bob [x [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "1.2.3.4", startUs: endUs },
    ],
    [
      "no user at all",
      '1.2.3.4 - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "1.2.3.4" },
    ],
    [
      "a host in front",
      'go.example:80 1.2.3.4 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 301 0 "-" "-"',
      { host: "go.example:80", client: "1.2.3.4" },
    ],
    [
      "a host behind the address",
      '127.0.0.1 192.168.0.1 - [28/Feb/2013:12:00:00 +0900] "GET / HTTP/1.1" 200 777 "-" "Opera/12.0"',
      { client: "127.0.0.1", startUs: Date.UTC(2013, 1, 28, 3) * 1000 },
    ],
    [
      "a list of forwarded addresses",
      '1.1.1.1, 2.2.2.2 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "2.2.2.2", host: null },
    ],
    [
      "an IPv6 client",
      '2001:db8::1 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "2001:db8::1" },
    ],
    [
      "an IPv4-mapped client",
      '::ffff:1.2.3.4 - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "::ffff:1.2.3.4" },
    ],
    [
      "a client on a unix socket",
      'unix: - - [20/Nov/2026:22:09:04 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
      { client: "unix:" },
    ],
    [
      "a zone west of Greenwich",
      '1.2.3.4 - - [20/Nov/2026:22:09:04 -0730] "GET /a HTTP/1.1" 200 5',
      { startUs: endUs + 7.5 * 3600e6 },
    ],
    [
      "a zone east of Greenwich",
      '1.2.3.4 - - [20/Nov/2026:22:09:04 +0330] "GET /a HTTP/1.1" 200 5',
      { startUs: endUs - 3.5 * 3600e6 },
    ],
    ["bytes that were not counted", `${start}400 - "-" "-"`, { status: 400, bytes: null }],
    [
      "a third quoted value",
      `${combined} "203.0.113.7, 198.51.100.2"`,
      { unread: null, userAgent: "Go-http-client/1.1" },
    ],
    [
      "a bare duration before the referrer",
      `${start}206 33 0.202 "-" "Mozilla/5.0"`,
      { durationUs: 202_000, userAgent: "Mozilla/5.0" },
    ],
    [
      "text that no field is known for",
      `${combined} "-" those are random`,
      { unread: "those are random" },
    ],
    [
      "a line cut inside the agent",
      `${start}200 5 "-" "Go-http-cl`,
      { status: 200, userAgent: "Go-http-cl" },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });
});

describe("reads the request line", () => {
  it.each<[string, string | null, string | null]>([
    ["GET /a?b=c HTTP/1.1", "GET", "/a?b=c"],
    ["GET / HTTP/2.0", "GET", "/"],
    ["GET / HTTP/3.0", "GET", "/"],
    ["GET /", "GET", "/"],
    ["GET /a b HTTP/1.1", "GET", "/a b"],
    ["GET /a[ ]b HTTP/1.1", "GET", "/a[ ]b"],
    ["M-SEARCH * HTTP/1.1", "M-SEARCH", "*"],
    ["CONNECT foo.example:25 HTTP/1.1", "CONNECT", "foo.example:25"],
    ["GET http://www.example.com:80/ip4.php HTTP/1.0", "GET", "/ip4.php"],
    ["GET http://www.example.com HTTP/1.0", "GET", "/"],
    [String.raw`GET /q\x22uote HTTP/1.1`, "GET", '/q"uote'],
    [String.raw`GET /m\xC3\xB6d HTTP/1.1`, "GET", "/möd"],
    [String.raw`GET /back\x5Cslash HTTP/1.1`, "GET", String.raw`/back\slash`],
    [String.raw`GET /\xFF HTTP/1.1`, "GET", "/\uFFFD"],
    ["", null, null],
    ["-", null, null],
    ["HELP", null, null],
    ["batman", null, null],
    [String.raw`\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03`, null, null],
    [String.raw`\x00\x01\x02\x03garbage-not-tls`, null, null],
    ["lv|'|'|VHJvamFu|'|'|MARK|'|'|Win XP|'|'|[endof]", null, null],
  ])("%j", (request, method, path) => {
    const line = `1.2.3.4 - - [20/Nov/2026:22:09:04 +0000] "${request}" 400 157 "-" "-"`;
    expect(read(line)).toMatchObject({ method, path, status: 400, bytes: 157, unread: null });
  });
});

it.each<[string, number | null]>([
  ["200", 200],
  ["009", 9],
  ["000", null],
  ["499", 499],
  ["444", 444],
  ["494", 494],
])("reads status %s as %j", (text, status) => {
  expect(read(`${start}${text} 5 "-" "-"`).status).toBe(status);
});

it.each([
  [495, "certificate_verify_failed"],
  [496, "certificate_required"],
  [497, "http_request"],
  [400, null],
])("tells by status %j that the client's handshake failed of %j", (status, reason) => {
  expect(read(`${start}${status} 5 "-" "-"`).clientTlsReason).toBe(reason);
});

describe("reads fields that were appended, whatever their order and quotes", () => {
  const expected = {
    durationUs: 12_000,
    startUs: endUs - 12_000,
    cacheWord: "MISS",
    unread: null,
    attempts: [{ ...answered, endpoint: "10.0.0.1:80", status: 200, durationUs: 11_000 }],
  };
  it.each([
    ['rt=0.012 uct="0.001" uht="0.002" urt="0.011" ua="10.0.0.1:80" us="200" cs=MISS'],
    ["cs=MISS us=200 ua=10.0.0.1:80 urt=0.011 uht=0.002 uct=0.001 rt=0.012"],
    [
      'request_time="0.012" upstream_addr="10.0.0.1:80" upstream_status="200" upstream_response_time="0.011" upstream_cache_status="MISS" foo="a b"',
    ],
    ["rt=0.012 urt=0.011 ua=10.0.0.1:80 us=200 cs=MISS rl=155 x=y"],
    ['"203.0.113.9" rt=0.012 urt=0.011 ua="10.0.0.1:80" us=200 cs=MISS [tag]'],
  ])("%s", (fields) => {
    expect(read(`${combined} ${fields}`)).toMatchObject(expected);
  });

  it("a duration alone gives no attempts, and no cache is not measured", () => {
    expect(read(`${combined} rt=0.007`)).toMatchObject({
      durationUs: 7_000,
      attempts: [],
      cacheWord: null,
    });
  });
});

describe("reads parallel lists of attempts", () => {
  it.each<[string, string, Partial<AccessAttempt>[]]>([
    [
      "two servers of one group",
      'ua="10.0.0.1:80, 10.0.0.2:80" us="503, 200" urt="0.001, 0.002"',
      [
        { endpoint: "10.0.0.1:80", status: 503, durationUs: 1_000 },
        { endpoint: "10.0.0.2:80", status: 200, durationUs: 2_000 },
      ],
    ],
    [
      "without quotes",
      "ua=10.0.0.1:80, 10.0.0.2:80 us=503, 200 urt=0.001, 0.002",
      [
        { endpoint: "10.0.0.1:80", status: 503, durationUs: 1_000 },
        { endpoint: "10.0.0.2:80", status: 200, durationUs: 2_000 },
      ],
    ],
    [
      "two groups after a redirect",
      'ua="10.0.0.1:80 : 10.0.0.2:80" us="404 : 200" urt="0.002 : 0.001"',
      [
        { endpoint: "10.0.0.1:80", status: 404 },
        { endpoint: "10.0.0.2:80", status: 200 },
      ],
    ],
    [
      "both separators",
      'ua="a:1, b:1 : c:1" us="502, 502 : 200" urt="0.001, 0.002 : 0.003"',
      [{ durationUs: 1_000 }, { durationUs: 2_000 }, { endpoint: "c:1", durationUs: 3_000 }],
    ],
    [
      "a separator at the end",
      'ua="a:1 : " us="200 : " urt="0.001 : "',
      [{ endpoint: "a:1", status: 200, durationUs: 1_000 }],
    ],
    [
      "IPv6 and unix addresses",
      'ua="[2001:db8::1]:443, unix:/run/x.sock" us="503, 200" urt="0.001, 0.002"',
      [{ endpoint: "[2001:db8::1]:443" }, { endpoint: "unix:/run/x.sock" }],
    ],
    [
      "lists of unequal length",
      'ua="a:1, b:1" us="503" urt="0.001, 0.002"',
      [{ status: 503 }, { status: null, durationUs: 2_000 }],
    ],
    ["nobody asked", 'ua="-" us="-" urt="-"', []],
    ["nobody asked, in JSON's way", 'ua="" us="" urt=""', []],
  ])("%s", (_, fields, expected) => {
    expect(attemptsOf(fields)).toMatchObject(expected);
    expect(attemptsOf(fields)).toHaveLength(expected.length);
  });
});

describe("tells nginx's own 502 and 504 from an upstream's", () => {
  it.each<[string, string, Partial<AccessAttempt>]>([
    ["no connection", timed("502", "-", "-"), { status: null, errorType: "connection_refused" }],
    [
      "no connection in time",
      timed("504", "-", "-"),
      { status: null, errorType: "connection_timeout" },
    ],
    [
      "connected, then closed",
      timed("502", "0.001", "-"),
      { status: null, errorType: "connection_terminated" },
    ],
    [
      "connected, then silent",
      timed("504", "0.001", "-"),
      { status: null, errorType: "connection_read_timeout" },
    ],
    ["a real 502", timed("502", "0.001", "0.002"), { status: 502, errorType: null }],
    ["a real 504", timed("504", "0.000", "0.000"), { status: 504, errorType: null }],
    [
      "a 503 is never nginx's own",
      timed("503", "0.001", "0.002"),
      { status: 503, errorType: null },
    ],
    [
      "an answer without a status line",
      timed("-", "0.000", "0.001"),
      { status: null, errorType: "http_protocol_error" },
    ],
    [
      "a 502 that nothing more is known of",
      'ua="10.0.0.1:80" us="502"',
      { status: 502, errorType: null },
    ],
    [
      "no live server in the group",
      'ua="alldead" us="502" uct="-" uht="-" urt="0.000"',
      { upstream: "alldead", endpoint: null, status: null, errorType: "destination_unavailable" },
    ],
  ])("%s", (_, fields, expected) => {
    expect(attemptsOf(fields, "502")).toMatchObject([expected]);
  });

  it("gives the exchange its last attempt's error only where the client got a 5xx", () => {
    const fields = '"-" "-" ua="10.0.0.1:80" us="502" uct="-" uht="-" urt="0.003"';
    expect(read(`${start}502 5 ${fields}`).errorType).toBe("connection_refused");
    expect(read(`${start}200 5 ${fields} cs=STALE`).errorType).toBeNull();
  });
});

describe("a client that hung up cancels the last attempt and fails no upstream", () => {
  it.each<[string, Partial<AccessAttempt>[]]>([
    [
      'ua="a:1" us="-" uct="0.001" uht="-" urt="0.300"',
      [{ canceled: true, status: null, errorType: null }],
    ],
    [
      'ua="a:1" us="499" uct="0.001" uht="-" urt="0.300"',
      [{ canceled: true, status: null, errorType: null }],
    ],
    ['ua="a:1" us="200" uct="0.001" uht="0.010" urt="0.300"', [{ canceled: false, status: 200 }]],
    [
      'ua="a:1, b:1" us="502, -" uct="-, 0.001" uht="-, -" urt="0.1, 0.2"',
      [
        { canceled: false, errorType: "connection_refused" },
        { canceled: true, status: null, errorType: null },
      ],
    ],
  ])("%s", (fields, expected) => {
    expect(attemptsOf(fields, "499")).toMatchObject(expected);
  });
});

it("takes no duration from a stale answer that was updated behind the client's back", () => {
  const line = `${combined} rt=0.602 uct="-" uht="-" urt="-" ua="-" us="-" cs=STALE`;
  expect(read(line)).toMatchObject({ durationUs: null, startUs: endUs - 602_000 });
});

describe("names the upstream where the format does", () => {
  const format =
    '$remote_addr [$time_local] "$request" $status $upstream_addr $upstream_status [$proxy_host]';

  it("for every attempt of the group", () => {
    const record = read(pooled("a:1, b:1", "503, 200"), format);
    expect(record.attempts.map(({ upstream }) => upstream)).toEqual(["pool", "pool"]);
  });

  it("but not for the groups before a redirect, whose names are not logged", () => {
    const record = read(pooled("a:1, b:1 : c:1, d:1", "503, 404 : 503, 200"), format);
    expect(record.attempts.map(({ upstream }) => upstream)).toEqual([null, null, "pool", "pool"]);
  });
});

describe("reads any log_format", () => {
  const time = "20/Nov/2026:22:09:04 +0000";
  it.each<[string, string, string, Partial<AccessRecord>]>([
    [
      "values between blanks",
      "$remote_addr $time_iso8601 $status $request_time",
      "1.2.3.4 2026-11-20T22:09:04+00:00 200 0.010",
      { startUs: endUs - 10_000, durationUs: 10_000, status: 200 },
    ],
    ["milliseconds of $msec", "$msec $status", "1795212544.123 200", { startUs: endUs + 123_000 }],
    [
      "braces",
      "${msec}|${status}|$request",
      "1795212544.123|200|GET / HTTP/1.1",
      { status: 200, path: "/" },
    ],
    [
      "tabs",
      "$time_local\t$request\t$status\t$request_time",
      `${time}\tGET /a b HTTP/1.1\t200\t0.001`,
      { path: "/a b", durationUs: 1_000 },
    ],
    [
      "method and address apart",
      "[$time_local] $request_method $scheme://$host$request_uri $status",
      `[${time}] GET https://go.example/a?b=1 200`,
      { method: "GET", path: "/a?b=1", host: "go.example" },
    ],
    [
      "path and query apart",
      "[$time_local] $request_method $uri$is_args$args $status",
      `[${time}] GET /a?b=1 200`,
      { method: "GET", path: "/a?b=1" },
    ],
    [
      "an agent with blanks between blanks",
      "$msec $http_user_agent $status $request_time",
      "1795212544.123 Mozilla 5.0 200 pages 200 0.001",
      { userAgent: "Mozilla 5.0 200 pages", status: 200 },
    ],
    [
      "lists between blanks",
      "$msec $upstream_addr $upstream_status $status",
      "1795212544.123 a:1, b:1 : c:1 503, 404 : 200 200",
      {
        status: 200,
        attempts: [
          { ...answered, endpoint: "a:1", status: 503, durationUs: null },
          { ...answered, endpoint: "b:1", status: 404, durationUs: null },
          { ...answered, endpoint: "c:1", status: 200, durationUs: null },
        ],
      },
    ],
    [
      "a list with a separator at its end",
      "$msec $upstream_addr $upstream_status $status",
      "1795212544.123 a:1 :  200 :  200",
      { status: 200, attempts: [{ ...answered, endpoint: "a:1", status: 200, durationUs: null }] },
    ],
    [
      "the whole directive",
      `log_format main escape=default '$remote_addr [$time_local] '\n  '"$request" $status';`,
      `1.2.3.4 [${time}] "GET / HTTP/1.1" 200`,
      { status: 200, client: "1.2.3.4" },
    ],
    [
      "a trace",
      "$msec $status $http_traceparent",
      "1795212544.1 200 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      { traceId: "0af7651916cd43dd8448eb211c80319c" },
    ],
    [
      "a trace of nginx's own",
      "$msec $status $otel_trace_id",
      "1795212544.1 200 0af7651916cd43dd8448eb211c80319c",
      { traceId: "0af7651916cd43dd8448eb211c80319c" },
    ],
    [
      "a request id",
      "$msec $status $request_id",
      "1795212544.1 200 6136c08cf2022701059ef285dddcc53c",
      { traceId: "6136c08cf2022701059ef285dddcc53c" },
    ],
    [
      "a failed client certificate",
      "$msec $status $ssl_client_verify",
      "1795212544.1 400 FAILED:certificate has expired",
      { clientTlsReason: "certificate_expired" },
    ],
    ["more than the format says", "$msec $status", "1795212544.1 200 and more", { status: 200 }],
  ])("%s", (_, format, line, expected) => {
    expect(read(line, format)).toMatchObject(expected);
  });

  it.each([
    ["$msec $status", "Nov 20 22:09:04 nonsense", /does not fit the log format: .*\$msec/],
    ["[$time_local] $status", "1.2.3.4 200", /begin with "\["/],
    ["$remote_addr$status", "1.2.3.4 200", /no text after \$remote_addr/],
    ["combined", "1.2.3.4 200", /has no variable/],
    ["$remote_addr $status", "1.2.3.4 200", /has no time/],
    ["$msec [$status]", "1795212544.1 [abc]", /no value could be read for \$status/],
  ])("refuses by %j the line %j with a reason", (format, line, reason) => {
    expect(nginxDecoder(format).decode(line)).toMatch(reason);
  });

  it("does not hang on a format that could be read in a thousand ways", () => {
    const format = `$msec ${"$http_a $http_b ".repeat(8)}$status`;
    const begin = process.threadCpuUsage();
    nginxDecoder(format).decode(`1795212544.1 ${"a ".repeat(2_000)}x`);
    expect(process.threadCpuUsage(begin).user / 1000).toBeLessThan(500);
  });
});

describe("reads ingress-nginx, whose lists have no quotes", () => {
  const tail = "a:5000, b:5000 0, 1 0.000, 1.000 502, 403 6136c08cf2022701059ef285dddcc53c";
  it("and names the upstream", () => {
    const line = `${combined} 155 1.001 [default-echo-80] [] ${tail}`;
    expect(read(line)).toMatchObject({
      durationUs: 1_001_000,
      traceId: "6136c08cf2022701059ef285dddcc53c",
      unread: null,
      attempts: [
        { upstream: "default-echo-80", endpoint: "a:5000", status: 502, durationUs: 0 },
        { upstream: "default-echo-80", endpoint: "b:5000", status: 403, durationUs: 1_000_000 },
      ],
    });
  });

  it("and a request that asked nobody", () => {
    const line = `${combined} 155 0.000 [] [] - - - - 6136c08cf2022701059ef285dddcc53c`;
    expect(read(line)).toMatchObject({ attempts: [], durationUs: 0, unread: null });
  });
});

describe("reads Nginx Proxy Manager", () => {
  const rest =
    'GET https go.example "/a?b=1" [Client 192.0.2.7] [Length 31] [Gzip -] [Sent-to 10.0.0.5] "Go-http-client/1.1" "-"';
  it.each<[string, Partial<AccessRecord>]>([
    [
      `[20/Nov/2026:22:09:04 +0000] MISS 502 502 - ${rest}`,
      {
        status: 502,
        cacheWord: "MISS",
        bytes: 31,
        attempts: [
          { ...answered, upstream: "10.0.0.5", endpoint: null, status: 502, durationUs: null },
        ],
      },
    ],
    [
      `[20/Nov/2026:22:09:04 +0000] - 200 200 - ${rest}`,
      { status: 200, cacheWord: "-", path: "/a?b=1", host: "go.example", client: "192.0.2.7" },
    ],
    [
      `[20/Nov/2026:22:09:04 +0000] - 502, 200 200 - ${rest}`,
      {
        status: 200,
        attempts: [
          { ...answered, upstream: "10.0.0.5", endpoint: null, status: 502, durationUs: null },
          { ...answered, upstream: "10.0.0.5", endpoint: null, status: 200, durationUs: null },
        ],
      },
    ],
    [`[20/Nov/2026:22:09:04 +0000] - - 301 - ${rest}`, { status: 301, attempts: [] }],
  ])("%s", (line, expected) => {
    expect(read(line)).toMatchObject({ ...expected, unread: null });
  });
});

describe("reads JSON lines", () => {
  const whole = {
    time_iso8601: "2026-11-20T22:09:04+00:00",
    request: "GET /a HTTP/1.1",
    status: "200",
    request_time: "0.012",
  };
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "strings",
      JSON.stringify(whole),
      { status: 200, durationUs: 12_000, startUs: endUs - 12_000, path: "/a" },
    ],
    [
      "numbers",
      '{"msec":1795212544.123,"status":200,"request_time":0.012,"body_bytes_sent":5}',
      { status: 200, bytes: 5, startUs: endUs + 111_000 },
    ],
    [
      "other names of keys",
      '{"@timestamp":"2026-11-20T22:09:04Z","method":"GET","path":"/a","query":"b=1","response_code":"404","duration":"0.5","client_ip":"1.2.3.4","user-agent":"x"}',
      { status: 404, durationUs: 500_000, path: "/a?b=1", client: "1.2.3.4", userAgent: "x" },
    ],
    [
      "nested keys",
      '{"time":"2026-11-20T22:09:04Z","request":{"method":"GET","uri":"/a"},"status":200,"upstream":{"addr":"a:1","status":"503","response_time":"0.2"}}',
      {
        path: "/a",
        attempts: [{ ...answered, endpoint: "a:1", status: 503, durationUs: 200_000 }],
      },
    ],
    [
      "an empty cache word: it was not asked",
      '{"msec":"1795212544","status":"200","upstream_cache_status":""}',
      { cacheWord: "-" },
    ],
    [
      "unquoted empty values",
      '{"msec":1795212544.1,"status":200,"rt":,"urt":}',
      { status: 200, durationUs: null },
    ],
    [
      "unquoted dashes and lists",
      '{"msec":1795212544.1,"status":200,"urt":-,"upstream_addr":"a:1, b:1","us":503, 200}',
      {
        attempts: [
          { ...answered, endpoint: "a:1", status: 503, durationUs: null },
          { ...answered, endpoint: "b:1", status: 200, durationUs: null },
        ],
      },
    ],
    [
      "escapes of text logs",
      String.raw`{"msec":"1795212544.1","status":"200","request":"GET /m\xC3\xB6d HTTP/1.1"}`,
      { path: "/möd" },
    ],
    [
      "the first of two equal keys by name wins over its alias",
      '{"msec":"1795212544.1","status":"200","response":"500"}',
      { status: 200 },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it("by the keys of its log_format", () => {
    const format =
      'log_format j escape=json \'{"t":"$msec","c":"$status","how_long":$request_time,"who":"$upstream_addr"}\';';
    expect(
      read('{"t":"1795212544.1","c":"503","how_long":0.25,"who":"a:1"}', format),
    ).toMatchObject({
      status: 503,
      durationUs: 250_000,
      attempts: [{ endpoint: "a:1" }],
    });
  });
});

describe("refuses with a sentence that says what was expected", () => {
  it.each([
    ["", /no access line: expected/],
    ["# a comment", /no access line: expected/],
    [
      '2021/12/01 13:53:33 [error] 31#31: *46 "/x" is not found, client: 1.2.3.4',
      /tells of no request/,
    ],
    ["1.2.3.4 - - [20/Nov/2026:22:09:04 +0000]", /quoted request line was expected/],
    ['1.2.3.4 - - [99/Abc/2026:22:09:04 +0000] "GET / HTTP/1.1" 200 5', /no time that can be read/],
    [`${start}abc 5`, /status was expected/],
    ['1.2.3.4 - - [20/Nov/2026:22:09:04 +0000] "GET /aaaa', /it was cut/],
    ["{", /no JSON object/],
    ["[]", /no access line: expected/],
    ["[20/Nov/2026:22:09:04 +0000] x", /does not fit the log format/],
    ['{"status":"200"}', /no time/],
    ['{"msec":"1795212544","status":"ok"}', /status is no number/],
  ])("%j", (line, reason) => {
    expect(nginxDecoder(null).decode(line)).toMatch(reason);
  });
});

it("never throws, whatever the line and the format", () => {
  const formats = fc.constantFrom(
    null,
    "$remote_addr $http_a $upstream_addr $status",
    "$msec$status",
    "${x",
    '{"a":$status}',
  );
  const lines = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.nat(combined.length), fc.string())
      .map(([at, junk]) => combined.slice(0, at) + junk + combined.slice(at)),
    fc.json(),
  );
  fc.assert(
    fc.property(lines, formats, (line, format) => {
      const found = nginxDecoder(format).decode(line);
      expect(typeof found === "string" ? found.length : found.startUs).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
}, 60_000);

it("reads a line the same whatever lines of the stream came before", () => {
  const fields = [
    "rt=0.012",
    'ua="10.0.0.1:80"',
    "us=200",
    "cs=MISS",
    "urt=0.1, 0.2",
    '"quoted"',
    "plain",
    "x=",
    "0.001",
    "[a b]",
  ];
  const lines = fc.array(
    fc.shuffledSubarray(fields).map((some) => [combined, ...some].join(" ")),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(lines, (stream) => {
      const decoder = nginxDecoder(null);
      expect(stream.map((line) => decoder.decode(line))).toEqual(
        stream.map((line) => nginxDecoder(null).decode(line)),
      );
    }),
  );
}, 60_000);
