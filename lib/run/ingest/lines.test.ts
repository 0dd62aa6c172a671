import { describe, expect, it } from "vitest";

import { LineBodies } from "#bench/load/lines.ts";
import { Random } from "#bench/load/random.ts";
import { noRowNames } from "#lib/core/record-rows.ts";
import { accessLogDecoder, type StreamDecoder } from "#lib/decode/access-log.ts";
import { bytesOf } from "#lib/decode/bytes.ts";
import { fixtureLines } from "#tests/access-log.ts";
import { mutatedBytes, mutatedText, oneOf, randomOf } from "#tests/fuzz/mutate.ts";

import { linesMax, readLines } from "./lines.ts";
import { timelinessAt } from "./refusals.ts";

const nowMs = Date.parse("2026-11-21T12:00:00Z");
const year = 365 * 86_400_000;

function linesBy(
  decoder: StreamDecoder,
  body: string | Buffer,
  format = "nginx",
  logFormat: string | null = null,
) {
  const stream = { format, logFormat, proxy: "edge", instance: null, timeZone: null };
  const timeliness = timelinessAt(nowMs, 20 * year);
  return readLines(typeof body === "string" ? Buffer.from(body) : body, {
    decoder,
    stream,
    names: noRowNames(),
    receivedMs: nowMs,
    timeliness,
    logTimeliness: timeliness,
  });
}

function readBy(...reading: Parameters<typeof linesBy>) {
  const { rows, ...others } = linesBy(...reading);
  return { ...others, rows: rows.plain() };
}

/** How many rows there was room for when the body was read. */
function roomFor(body: string): number {
  const { rows } = linesBy(accessLogDecoder({ format: "nginx", logFormat: null }), body);
  return rows.columns.startUs.length;
}

/** The same decoder, which reads every line as text. */
function asText(decoder: StreamDecoder): StreamDecoder {
  return {
    get format() {
      return decoder.format;
    },
    decode: (line, seenUs) => decoder.decode(line, seenUs),
    event: (line, seenUs) => decoder.event(line, seenUs),
  };
}

/** How many lines of a body are read as text when it comes first, and when it comes again. */
function linesAsText(body: string) {
  let count = 0;
  const decoder = accessLogDecoder({ format: "auto", logFormat: null });
  const counting: StreamDecoder = {
    get format() {
      return decoder.format;
    },
    get plain() {
      return decoder.plain;
    },
    decode(line, seenUs) {
      count += 1;
      return decoder.decode(line, seenUs);
    },
    event: (line, seenUs) => decoder.event(line, seenUs),
  };
  readBy(counting, body, "auto");
  const before = count;
  readBy(counting, body, "auto");
  return { before, again: count - before };
}

interface Stream {
  readonly format?: string;
  readonly logFormat?: string | null;
}

/** Reads a body from its bytes and as text, twice: when it comes again, its layout is known. */
function bothWays(body: string | Buffer, { format = "nginx", logFormat = null }: Stream = {}) {
  const decoders = {
    bytes: accessLogDecoder({ format, logFormat }),
    text: asText(accessLogDecoder({ format, logFormat })),
  };
  const readTwice = (decoder: StreamDecoder) =>
    [0, 1].map(() => readBy(decoder, body, format, logFormat));
  return { bytes: readTwice(decoders.bytes), text: readTwice(decoders.text) };
}

const timed =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time $upstream_addr $upstream_status $upstream_response_time';

const plainText =
  '10.0.0.7 - - [21/Nov/2026:11:00:00 +0000] "GET /golang.org/x/mod/@v/v0.9.0.zip HTTP/1.1" 200 99 "-" "Go-http-client/1.1" rt=0.012 ua="10.0.0.1:80" us="200" urt="0.011" cs=MISS';
const criTime = "2026-11-21T11:00:00.000000001Z";
/** What the error log says of a request, before its line comes. */
const cutError =
  '2026/11/21 11:00:00 [error] 7#7: *1 upstream prematurely closed connection while reading upstream, client: 10.0.0.7, server: edge, request: "GET /golang.org/x/mod/@v/v0.9.0.zip HTTP/1.1", upstream: "http://10.0.0.1:80/a"';
const plainJson = `{"msec":"1795258800.000","request":"GET /rsc.io/quote/@v/list HTTP/2.0","status":200,"body_bytes_sent":7,"request_time":0.012,"upstream_addr":"10.0.0.1:80","upstream_status":"200","upstream_response_time":"0.010","request_id":"${"ab".repeat(16)}"}`;

/** As often as it takes to be read from bytes. */
const known = (line: string): string => `${line}\n`.repeat(3);

describe("lines read from their bytes", () => {
  it("are the plain ones, once the layout of their stream is known", () => {
    for (const line of [plainText, plainJson]) {
      const decoder = accessLogDecoder({ format: "auto", logFormat: null });
      readBy(decoder, known(line), "auto");
      const source = bytesOf(Buffer.from(`${line}\n`));
      expect(decoder.plain?.read(source, 0)).toBe(line.length + 1);
    }
  });

  it.each([
    ["a whole line", `${criTime} stdout F `],
    ["a whole line of errors", `${criTime} stderr F `],
    ["a time with a zone", "2026-11-21T11:00:00.123+01:00 stdout F "],
    ["a time behind Greenwich", "2026-11-21T11:00:00-05:30 stderr F "],
  ])("are those in what CRI writes, too, with %s", (_, before) => {
    const line = `${before}${plainText}`;
    const decoder = accessLogDecoder({ format: "auto", logFormat: null });
    readBy(decoder, known(line), "auto");
    const source = bytesOf(Buffer.from(`${line}\n`));
    expect(decoder.plain?.read(source, 0)).toBe(line.length + 1);
  });

  it("are all those in what CRI writes, up to the first line that it cut", () => {
    const whole = `${criTime} stdout F ${plainText}\n`.repeat(40);
    const cut = `${criTime} stdout P 10.\n${criTime} stdout F 0.0.7\n`;
    expect(linesAsText(`${whole}${cut}`)).toEqual({ before: 3, again: 1 });
    expect(linesAsText(`${cut}${whole}`)).toEqual({ before: 41, again: 41 });
  });

  it.each([
    ["no stream", `${criTime} F `],
    ["another stream", `${criTime} stdin F `],
    ["another tag", `${criTime} stdout X `],
    ["a further tag", `${criTime} stdout F:x `],
    ["no blank", `${criTime} stdout F`],
    ["two blanks", `${criTime} stdout  F `],
    ["no zone", "2026-11-21T11:00:00 stdout F "],
    ["half a zone", "2026-11-21T11:00:00+01 stdout F "],
    ["no clock", "2026-11-21TZ stdout F "],
    ["no such clock", "2026-11-21T99:99:99Z stdout F "],
    ["a clock of points", "2026-11-21T...Z stdout F "],
    ["no such date", "2026-99-99T11:00:00Z stdout F "],
    ["a date in words", "2026-Nov-21T11:00:00Z stdout F "],
    ["itself", `${criTime} stdout F ${criTime} stdout F `],
    ["syslog in it", `${criTime} stdout F <134>Nov 21 11:00:00 edge nginx: `],
    ["compose in it", `${criTime} stdout F edge-1  | `],
    ["a color in it", `${criTime} stdout F \u001B[31m`],
    ["a byte order mark in it", `${criTime} stdout F \uFEFF`],
  ])("are not confused by what looks like CRI's, with %s", (_, before) => {
    const line = `${before}${plainText}`;
    for (const format of ["nginx", "auto"]) {
      const { bytes, text } = bothWays(`${known(plainText)}${known(line)}${known(plainText)}`, {
        format,
      });
      expect(bytes).toEqual(text);
    }
  });

  it.each([
    ["a failure of an upstream", '" 200 99', '" 503 99', 'us="200"', 'us="503"'],
    ["a bad gateway that answered", '" 200 99', '" 502 99', 'us="200"', 'us="502"'],
    ["an upstream's answer in time", '" 200 99', '" 504 99', 'us="200"', 'us="504" uht="0.010"'],
    [
      "a failure without an attempt",
      '" 200 99',
      '" 500 99',
      '"10.0.0.1:80" us="200"',
      '"-" us="-"',
    ],
    [
      "several attempts",
      'ua="10.0.0.1:80"',
      'ua="10.0.0.1:80, 10.0.0.2:80, 10.0.0.1:80"',
      'us="200" urt="0.011"',
      'us="503, 404, 200" urt="0.001, -, 0.010"',
    ],
    [
      "several attempts at one, without their times",
      'ua="10.0.0.1:80"',
      'ua="[::1]:80, [::1]:80"',
      'us="200" urt="0.011"',
      'us="502, 200"',
    ],
  ])("are plain, and are what their text says, with %s", (_, from, to, otherFrom, otherTo) => {
    const line = plainText.replace(from, to).replace(otherFrom, otherTo);
    const decoder = accessLogDecoder({ format: "nginx", logFormat: null });
    readBy(decoder, known(line));
    const source = bytesOf(Buffer.from(`${line}\n`));
    expect(decoder.plain?.read(source, 0)).toBe(line.length + 1);
    const { bytes, text } = bothWays(`${known(line)}${known(plainText)}${known(line)}`);
    expect(bytes).toEqual(text);
  });

  it.each([
    ["fewer statuses", 'us="503"'],
    ["more statuses", 'us="503, 502, 200"'],
    ["another separator", 'us="503 : 200"'],
    ["no blank", 'us="503,200"'],
    ["an empty one", 'us="503, "'],
    ["one that got no answer", 'us="504, 200" uht="-, 0.001"'],
    ["one without a status", 'us="-, 200"'],
    ["a name", 'us="503, 200" ph="mirrors"'],
    ["fewer times", 'us="503, 200" urt="0.001"'],
    ["odd times", 'us="503, 200" urt="0.001, soon"'],
  ])("are not confused by several attempts with %s", (_, statuses) => {
    const several = plainText.replace(
      'ua="10.0.0.1:80" us="200" urt="0.011"',
      `ua="10.0.0.1:80, 10.0.0.2:80" ${statuses}`,
    );
    for (const odd of [
      several,
      several.replace("80, 10", "80 : 10"),
      several.replace("80,", ","),
    ]) {
      const { bytes, text } = bothWays(`${known(odd)}${known(plainText)}${known(odd)}`);
      expect(bytes).toEqual(text);
    }
  });

  it("let the next body have room for as many rows, within a bound", () => {
    const usual = `${plainText}\n`.repeat(400);
    roomFor(usual);
    expect(roomFor(usual)).toBeGreaterThanOrEqual(800);
    expect(roomFor(usual)).toBeLessThan(1_000);
    const dense = plainText
      .replace("10.0.0.1:80", Array(60).fill("1:1").join(", "))
      .replace('us="200" urt="0.011"', `us="${Array(60).fill("200").join(", ")}"`);
    roomFor(`${dense}\n`.repeat(10));
    expect(roomFor(usual)).toBeLessThanOrEqual(usual.length / 50);
  });

  it("are what their text says", () => {
    for (const format of ["text", "json"] as const) {
      const bodies = new LineBodies(format, 400, new Random(7));
      for (const { bytes, text } of [
        bothWays(bodies.next(nowMs).toString()),
        bothWays(bodies.next(nowMs).toString(), { format: "auto" }),
      ]) {
        expect(bytes).toEqual(text);
      }
    }
  });

  it("are what their text says in every recording of nginx", () => {
    for (const file of recordings) {
      const lines = fixtureLines(file);
      for (const { bytes, text } of [
        bothWays(lines.join("\n"), { format: "auto" }),
        bothWays(lines.flatMap((line) => [line, plainText, plainText]).join("\n")),
      ]) {
        expect(bytes).toEqual(text);
      }
    }
  });

  it.each([
    [
      "a log_format",
      timed,
      '192.0.2.7 - - [21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" 0.010 10.0.0.1:80 200 0.009',
    ],
    [
      "a log_format of attempts in a row",
      timed,
      '192.0.2.7 - - [21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" 0.010 10.0.0.1:80, 10.0.0.2:80 502, 200 0.001, 0.009',
    ],
    [
      "JSON of a log_format",
      `escape=json '{"t":"$msec","r":"$request","s":$status,"u":"$upstream_addr","us":"$upstream_status"}'`,
      '{"t":"1795258800.123","r":"GET /a/b?c HTTP/1.1","s":200,"u":"10.0.0.1:80","us":"404"}',
    ],
    [
      "ingress-nginx",
      null,
      `192.0.2.7 - - [21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" 120 0.010 [shop-80] [] 10.0.0.1:80 5 0.009 200 ${"0af7651916cd43dd".repeat(2)}`,
    ],
    [
      "verified clients",
      '[$time_local] "$request" $status $ssl_client_verify',
      '[21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 FAILED:expired',
    ],
    [
      "seconds without a name",
      null,
      '192.0.2.7 - bob [21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl" 0.010 0.009 word',
    ],
  ])("are what their text says with %s", (_, logFormat, line) => {
    const { bytes, text } = bothWays(
      `${line}\n${known(plainText)}${known(line)}${known(plainJson)}${known(line)}`,
      {
        logFormat,
      },
    );
    expect(bytes).toEqual(text);
  });

  it.each([
    ["another status", '" 200 99', '" 404 99'],
    ["a failure of an upstream", '" 200 99', '" 502 99'],
    ["a status that is nginx's own", '" 200 99', '" 497 99'],
    ["a status without a number", '" 200 99', '" 000 99'],
    [
      "several attempts",
      'ua="10.0.0.1:80" us="200"',
      'ua="10.0.0.1:80, 10.0.0.2:80" us="502, 200"',
    ],
    ["an attempt without an answer", 'us="200"', 'us="-"'],
    ["an attempt that failed", 'us="200"', 'us="504"'],
    ["a group without a server", 'ua="10.0.0.1:80"', 'ua="mirrors"'],
    ["no attempt", 'ua="10.0.0.1:80" us="200" urt="0.011"', 'ua="-" us="-" urt="-"'],
    [
      "a stale answer",
      'ua="10.0.0.1:80" us="200" urt="0.011" cs=MISS',
      'ua="-" us="-" urt="-" cs=STALE',
    ],
    ["an unknown cache word", "cs=MISS", "cs=WHATEVER"],
    ["a list without quotes", "cs=MISS", "cs=MISS, HIT"],
    ["an escape", "Go-http", "\\x22Go-http"],
    ["a letter that is none of ASCII", "Go-http", "Gö-http"],
    ["a control character", "Go-http", "\u0001Go-http"],
    ["a color", "GET", "\u001B[31mGET"],
    ["a return", "cs=MISS", "cs=MISS\r"],
    ["a module in upper case", "golang.org/x", "github.com/!burnt!sushi/toml"],
    ["a module below a base", "/golang.org", "/artifactory/api/go/all/golang.org"],
    ["a list of versions", "v0.9.0.zip", "list"],
    ["an escaped version", "v0.9.0.zip", "v0.9.0-!r!c1.zip"],
    ["a percent", "v0.9.0.zip", "v0.9.0%2Bincompatible.zip"],
    ["a query", "v0.9.0.zip", "v0.9.0.zip?a=b"],
    ["a path with blanks", "v0.9.0.zip", "v0 9 0.zip"],
    ["an absolute target", "GET /", "GET http://mirror.example/"],
    ["no protocol", " HTTP/1.1", ""],
    ["no request", "GET /golang.org/x/mod/@v/v0.9.0.zip HTTP/1.1", "-"],
    ["another time", "11:00:00 +0000", "11:00:01 +0200"],
    ["a time of another century", "2026:11", "1926:11"],
    ["no such time", "21/Nov", "99/Nov"],
    ["a long duration", "rt=0.012", "rt=9999999.000"],
    ["a duration with more decimals", "rt=0.012", "rt=0.0123456789"],
    ["a duration in words", "rt=0.012", "rt=soon"],
    ["bytes in words", '" 200 99', '" 200 many'],
    ["a user with blanks", "10.0.0.7 - -", "10.0.0.7 - John Doe"],
    ["a host in front", "10.0.0.7 -", "edge.example 10.0.0.7 -"],
    ["another value behind it", "cs=MISS", 'cs=MISS more="1"'],
    ["a value of the same name", "cs=MISS", "cs=MISS cs=HIT"],
    ["a value in brackets", "cs=MISS", "cs=MISS [x]"],
    ["nothing behind the bytes", / 99 .*/, " 99"],
    ["its end cut off", /us=.*/, 'us="20'],
    ["syslog around it", /^/, "<134>Nov 21 11:00:00 edge nginx: "],
    ["CRI around it", /^/, "2026-11-21T11:00:00.000000001Z stdout F "],
    [
      "a piece of CRI before it",
      /^/,
      "2026-11-21T11:00:00.000000001Z stdout P 10.0\n2026-11-21T11:00:00.000000001Z stdout F ",
    ],
    ["compose around it", /^/, "edge-1  | "],
    ["nothing at all", /.*/, ""],
  ])("are not confused by %s", (_, from, to) => {
    const line = plainText.replace(from, to);
    expect(line).not.toBe(plainText);
    for (const { bytes, text } of [
      bothWays(`${known(plainText)}${line}\n${known(plainText)}${line}`),
      bothWays(`${known(line)}${known(plainText)}`, { format: "auto" }),
    ]) {
      expect(bytes).toEqual(text);
    }
  });

  it.each([
    ["a number that JSON does not know", '"status":200', '"status":0200'],
    ["a number with a fraction", '"body_bytes_sent":7', '"body_bytes_sent":7.5'],
    ["a negative number", '"body_bytes_sent":7', '"body_bytes_sent":-7'],
    ["no number", '"body_bytes_sent":7', '"body_bytes_sent":null'],
    ["a number left out", '"body_bytes_sent":7', '"body_bytes_sent":'],
    ["an object", '"body_bytes_sent":7', '"body_bytes_sent":{"bytes":7}'],
    ["a member twice", '"status":200', '"status":200,"status":404'],
    ["another member of the same meaning", '"status":200', '"status":200,"st":404'],
    ["a key that is a number", '"status":200', '"status":200,"7":1'],
    ["blanks", '"status":200', '"status": 200'],
    ["a missing time", '"msec":"1795258800.000",', ""],
    ["something behind its end", /$/, " x"],
    ["an escape", "rsc.io", String.raw`rsc\u002eio`],
    ["no id", "ab".repeat(16), "-"],
  ])("of JSON are not confused by %s", (_, from, to) => {
    const line = plainJson.replace(from, to);
    expect(line).not.toBe(plainJson);
    for (const { bytes, text } of [
      bothWays(`${known(plainJson)}${line}\n${known(plainJson)}${line}`),
      bothWays(`${known(line)}${known(plainJson)}`),
    ]) {
      expect(bytes).toEqual(text);
    }
  });

  it("wait for nobody: what the error log said goes to the line that it is about", () => {
    const request = "GET /golang.org/x/mod/@v/v0.9.0.zip HTTP/1.1";
    const error = `2026/11/21 11:00:00 [error] 7#7: *1 SSL_do_handshake() failed (SSL: error:0A000086:SSL routines::certificate verify failed) while SSL handshaking to upstream, client: 10.0.0.7, server: edge, request: "${request}", upstream: "https://10.0.0.1:80/a"`;
    const failed = plainText
      .replace('" 200 99', '" 502 99')
      .replace('us="200"', 'us="502" uct="-" uht="-"');
    const untrusted = plainText.replace('" 200 99', '" 400 99');
    const distrust = error
      .replace(
        /SSL_do.*upstream, /,
        "client SSL certificate verify error: (10:certificate has expired) while reading client request headers, ",
      )
      .replace(/, upstream: .*/, "");
    for (const { bytes, text } of [
      bothWays(
        `${known(plainText)}${distrust}\n${plainText.replace("10.0.0.7", "10.0.0.8")}\n${untrusted}\n${known(plainText)}`,
      ),
      bothWays(
        `${known(plainText)}${error}\n${plainText.replace("10.0.0.7", "10.0.0.8")}\n${failed}\n${known(plainText)}`,
      ),
    ]) {
      expect(bytes).toEqual(text);
    }
  });

  it("are those of a transport where they look like one", () => {
    const line = '2026-11-21T11:00:00+00:00 edge my app: 192.0.2.7 "GET /a HTTP/1.1" 200';
    const logFormat = '$time_iso8601 $host $http_app: $remote_addr "$request" $status';
    for (const before of ["", `${criTime} stdout F `]) {
      const usual = known(`${before}${line}`);
      const wrapped = `${before}${line.replace("my app", "app")}`;
      const { bytes, text } = bothWays(`${usual}${wrapped}\n${usual}`, { logFormat });
      expect(bytes).toEqual(text);
    }
  });

  it("are not cut where a list without quotes goes on", () => {
    const bare = plainText
      .replaceAll(/u[ar]t?="|us="/g, (key) => key.slice(0, -1))
      .replaceAll(/(?<=80|200|0\.011)"/g, "");
    const more = `${bare} pun=mirrors x=1`;
    expect(more).toContain("ua=10.0.0.1:80 us=200 urt=0.011 cs=MISS pun=mirrors x=1");
    const cut = [":80", "mirrors"].map((value) => more.replace(value, `${value},`));
    const { bytes, text } = bothWays(`${known(more)}${cut.join("\n")}\n${known(more)}`);
    expect(bytes).toEqual(text);
  });

  it("tell of no failure that only their times tell of", () => {
    const quiet = plainText.replace('us="200"', 'us="200" uct="0.001" uht="0.002"');
    const broken = quiet.replace(
      'us="200" uct="0.001" uht="0.002"',
      'us="504" uct="0.001" uht="-"',
    );
    const { bytes, text } = bothWays(`${known(quiet)}${broken}\n${known(quiet)}`);
    expect(bytes).toEqual(text);
  });

  it("are refused as their text would be where they are too old", () => {
    const old = plainText.replace("2026:11", "1999:11");
    const { bytes, text } = bothWays(`${known(plainText)}${old}\n${plainText}`);
    expect(bytes).toEqual(text);
  });

  it("are what their text says in whatever containers wrote around and between them", () => {
    const random = randomOf(20_261_122);
    for (let round = 0; round < 300; round += 1) {
      const lines = Array.from({ length: 24 }, () => inContainer(random));
      const { bytes, text } = bothWays(Buffer.concat([Buffer.from(known(plainText)), ...lines]), {
        format: oneOf(random, ["nginx", "auto"], "auto"),
      });
      expect(bytes).toEqual(text);
    }
  });

  it("are what their text says however they are changed", () => {
    const random = randomOf(20_261_121);
    const seeds = [
      plainText,
      plainText
        .replace('"10.0.0.1:80" us="200"', '"10.0.0.1:80, 10.0.0.2:80" us="502, 200"')
        .replace('"0.011"', '"0.001, 0.010"'),
      plainJson,
      ...recordings.flatMap((file) => fixtureLines(file).slice(0, 20)),
    ];
    for (let round = 0; round < 300; round += 1) {
      const seed = oneOf(random, seeds, plainText);
      const lines = Array.from({ length: 12 }, () =>
        random(3) === 0 ? seed : mutatedText(seed, oneOf(random, seeds, ""), random),
      );
      const { bytes, text } = bothWays([seed, seed, ...lines, seed].join("\n"), {
        format: oneOf(random, ["nginx", "auto"], "auto"),
      });
      expect(bytes).toEqual(text);
    }
  });
});

it.each([
  ["none of them plain", (count: number) => Buffer.alloc(2 * count, "a\n")],
  ["all of them empty", (count: number) => Buffer.alloc(count, "\n")],
])(
  "of more lines than one request may have, %s, the others are refused and counted",
  (_, bodyOf) => {
    const decoder = accessLogDecoder({ format: "nginx", logFormat: null });
    const most = linesBy(decoder, bodyOf(linesMax));
    expect([most.records, most.reasons["too_many_lines"]]).toEqual([linesMax, undefined]);
    const more = linesBy(decoder, Buffer.concat([bodyOf(linesMax + 1), Buffer.from("a")]));
    expect([more.records, more.reasons["too_many_lines"]]).toEqual([linesMax + 2, 2]);
  },
);

it("lines read from their bytes are no more, either", () => {
  const decoder = accessLogDecoder({ format: "nginx", logFormat: null });
  const line = '10.0.0.7 - - [21/Nov/2026:11:00:00 +0000] "GET /a HTTP/1.1" 200 5\n';
  linesBy(decoder, line.repeat(100));
  const { exchanges, reasons } = linesBy(decoder, line.repeat(linesMax + 3));
  expect([exchanges, reasons]).toEqual([linesMax, { too_many_lines: 3 }]);
});

/** One line or two as a container runtime writes one of nginx, mostly whole, or some of the bytes of such. */
function inContainer(random: ReturnType<typeof randomOf>): Buffer {
  const line = oneOf(random, [plainText, plainText, plainJson, cutError], "");
  const at = random(line.length);
  const time = oneOf(random, [criTime, "2026-11-21T11:00:00.5+01:00", "2026-99-21T1Z"], "");
  const stream = oneOf(random, ["stdout", "stdout", "stderr"], "");
  const end = oneOf(random, ["\n", "\n", "\n", "\r\n"], "");
  const whole = `${time} ${stream} F ${line}${end}`;
  const others = [
    `${time} ${stream} P ${line.slice(0, at)}${end}`,
    `${time} ${stream} P ${line.slice(0, at)}${end}${time} ${stream} F ${line.slice(at)}${end}`,
    `${JSON.stringify({ log: `${line}\n`, stream, time })}${end}`,
    `${JSON.stringify({ log: "x".repeat(16_384), stream, time })}${end}`,
    `edge-1  | ${line}${end}`,
    `${line}${end}`,
    end,
  ];
  if (random(4) > 0) return Buffer.from(whole);
  if (random(3) > 0) return Buffer.from(oneOf(random, others, ""));
  return Buffer.from(mutatedBytes(Buffer.from(whole), random));
}

const recordings = [
  "nginx/lab-nginx-combined.log",
  "nginx/lab-nginx-error.log",
  "nginx-lab/error.log",
  "nginx-lab/json.log",
  "nginx-lab/timed.log",
  "nginx-lab/upstreaminfo.log",
];
