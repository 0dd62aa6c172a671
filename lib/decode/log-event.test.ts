import { expect, it } from "vitest";

import { localClock, utcClock } from "#lib/core/local-clock.ts";

import { accessLogDecoder } from "./access-log.ts";
import { logEventOf } from "./log-event.ts";

it.each([
  [
    "nginx",
    "2026/11/20 22:09:04 [crit] 31#31: *7 SSL_do_handshake() failed, client: 10.0.0.1",
    "2026-11-20T22:09:04.000Z",
    18,
  ],
  [
    "Apache",
    "[Fri Nov 20 22:09:04.123456 2026] [proxy:error] [pid 9:tid 2] AH01114: HTTP: failed",
    "2026-11-20T22:09:04.123Z",
    17,
  ],
  [
    "Apache 2.2",
    "[Fri Nov 20 22:09:04 2026] [warn] child did not exit",
    "2026-11-20T22:09:04.000Z",
    13,
  ],
  [
    "a module of Apache that has no name",
    "[Fri Nov 20 22:09:04.123456 2026] [:error] [pid 9] [client 10.0.0.1:5] script not found",
    "2026-11-20T22:09:04.123Z",
    17,
  ],
  [
    "Apache over syslog",
    "Nov 20 22:09:04 srv httpd[9]: [core:error] [pid 9] [client 10.0.0.1:5] AH00126: no",
    null,
    17,
  ],
  ["Apache over syslog, of old", "[notice] Apache/2.2 configured", null, 10],
  ["Athens' plain log", "DEBUG[3:04PM]: saving rsc.io/quote@v1.5.2 to storage...", null, 5],
  [
    "Athens before it starts",
    "2026-11-20 22:09:04.671249 I | Starting application at port :3000",
    "2026-11-20T22:09:04.671Z",
    9,
  ],
  [
    "a plugin of Traefik",
    "DEBUG: BouncerPlugin: 2026/11/20 22:09:04 handled",
    "2026-11-20T22:09:04.000Z",
    5,
  ],
  ["Squid, below a line", "    connection: conn147 local=127.0.0.1:2 remote=127.0.0.1:3", null, 0],
  [
    "Envoy",
    "[2026-11-20 22:09:04.123][1][warning][config] [source/common/config/x.cc:1] no update",
    "2026-11-20T22:09:04.123Z",
    13,
  ],
  ["HAProxy, to a terminal", "[ALERT]    (8) : backend 'be' has no server available!", null, 19],
  [
    "HAProxy's default format",
    "<134>Nov 20 22:09:04 haproxy[8]: Connect from 10.0.0.7:33312 to 10.0.0.1:80 (www/HTTP)",
    null,
    9,
  ],
  [
    "HAProxy, to syslog",
    "<129>Nov 20 22:09:04 haproxy[8]: Server be/s1 is DOWN, reason: x",
    null,
    19,
  ],
  ["Squid", "2026/11/20 22:09:04 kid1| WARNING: disk is full", "2026-11-20T22:09:04.000Z", 13],
  ["Squid without a level", "2026/11/20 22:09:04| Ready to serve", "2026-11-20T22:09:04.000Z", 0],
  [
    "logfmt",
    'time="2026-11-20T22:09:04Z" level=fatal msg="could not listen"',
    "2026-11-20T22:09:04.000Z",
    21,
  ],
  ["Caddy", '{"level":"error","ts":1795212544.5,"msg":"no"}', "2026-11-20T22:09:04.500Z", 17],
  [
    "Athens",
    '{"level":"info","msg":"exporter","time":"2026-11-20T22:09:04Z"}',
    "2026-11-20T22:09:04.000Z",
    9,
  ],
  ["Traefik", "2026-11-20T22:09:04Z ERR no entry point", "2026-11-20T22:09:04.000Z", 17],
  [
    "Artifactory",
    "2026-11-20T22:09:04.123Z [jfrt ] [WARN ] [1] - slow",
    "2026-11-20T22:09:04.123Z",
    13,
  ],
  [
    "Go",
    "2026/11/20 22:09:04 http: TLS handshake error from 10.0.0.1:5: EOF",
    "2026-11-20T22:09:04.000Z",
    0,
  ],
])("an error line of %s is understood", (_, line, time, severity) => {
  const event = logEventOf(line, utcClock);
  expect(event).toMatchObject({ isUnderstood: true, severity });
  expect(event.atUs === null ? null : new Date(event.atUs / 1000).toISOString()).toBe(time);
});

it.each([
  "",
  "what is this?",
  '10.0.0.1 - - [20/Nov/2026:22:09:04 +0000] "GET / HTTP/1.1',
  '{"level":"error"}',
  '{"level":"error","msg":',
  "error: 2026/11/20 22:09:04",
  "[error] what is this?",
  "    what is this?",
  "null",
])("%j is not understood, and stays as it came", (line) => {
  expect(logEventOf(line, utcClock)).toMatchObject({ isUnderstood: false, text: line, atUs: null });
});

it("of a line that is not understood, the time and prefix of its container are told from its text", () => {
  const event = accessLogDecoder({ format: "auto", logFormat: null }).event(
    "2026-11-20T22:09:04.123456789Z stdout F what | is this?",
    0,
  );
  expect(event).toMatchObject({ isUnderstood: false, text: "what | is this?" });
  expect(new Date((event.atUs ?? 0) / 1000).toISOString()).toBe("2026-11-20T22:09:04.123Z");
});

it("a line that names a trace is of that trace", () => {
  const traceId = "5b8efff798038103d269b633813fc60c";
  const lines = [
    `{"level":"warn","msg":"slow","trace_id":"${traceId}"}`,
    `time="2026-11-20T22:09:04Z" level=warn msg="slow" trace_id=${traceId}`,
  ];
  for (const line of lines) expect(logEventOf(line, utcClock)).toMatchObject({ traceId });
});

it.each([
  ["winter", "2026/01/15 12:00:00", "2026-01-15T11:00:00.000Z"],
  ["summer", "2026/07/15 12:00:00", "2026-07-15T10:00:00.000Z"],
])("times without a zone are read by the clock of the stream in %s", (_, wall, time) => {
  const clock = localClock("Europe/Berlin", () => null);
  const { atUs } = logEventOf(`${wall} [error] 1#1: no`, clock);
  expect(new Date((atUs ?? 0) / 1000).toISOString()).toBe(time);
});

it.each([
  [
    "haproxy",
    '10.0.0.1:5 [15/Jul/2026:12:00:00.250] fe be/s1 0/0/1/2/3 200 5 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1"',
    "2026-07-15T10:00:00.250Z",
  ],
  [
    "nginx",
    "2026/07/15 12:00:00 [info] 1#1: *2 SSL_do_handshake() failed (SSL: error:0A000412) while SSL handshaking, client: 10.0.0.1, server: 0.0.0.0:443",
    "2026-07-15T10:00:00.000Z",
  ],
  [
    "apache",
    "[Wed Jul 15 12:00:00.000000 2026] [ssl:info] [pid 9] [client 10.0.0.1:5] AH02006: SSL handshake terminated",
    "2026-07-15T10:00:00.000Z",
  ],
  [
    "artifactory",
    "20260715120000|93|REQUEST|10.0.0.1|user|GET|/a|HTTP/1.1|200|0",
    "2026-07-15T09:59:59.907Z",
  ],
  [
    "nginx",
    '10.0.0.1 - - [15/Jul/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "-"',
    "2026-07-15T12:00:00.000Z",
  ],
])("a %s request of a stream in Berlin begins at its own time", (format, line, time) => {
  const decoder = accessLogDecoder({ format, logFormat: null, timeZone: "Europe/Berlin" });
  const record = decoder.decode(line);
  if (typeof record === "string") throw new Error(record);
  expect(new Date(record.startUs / 1000).toISOString()).toBe(time);
});

it("of an hour that comes twice, the time at which a line came tells which it was", () => {
  const decoder = accessLogDecoder({
    format: "haproxy",
    logFormat: null,
    timeZone: "Europe/Berlin",
  });
  const line =
    '10.0.0.1:5 [25/Oct/2026:02:30:00.000] fe be/s1 0/0/1/2/3 200 5 - - ---- 1/1/1/1/0 0/0 "GET /a HTTP/1.1"';
  const times = ["2026-10-25T00:30:01Z", "2026-10-25T01:30:01Z"].map((seen) => {
    const record = decoder.decode(line, Date.parse(seen) * 1000);
    if (typeof record === "string") throw new Error(record);
    return new Date(record.startUs / 1000).toISOString();
  });
  expect(times).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]);
});
