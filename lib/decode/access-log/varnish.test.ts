import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import { type AccessRecord, heldLine } from "#lib/decode/access-record.ts";
import { countsOf, fixtureLines, recordOf, recordsOf } from "#tests/access-log.ts";

const decoder = (logFormat: string | null = null): ReturnType<typeof accessLogDecoder> =>
  accessLogDecoder({ format: "varnish", logFormat });

const base = {
  host: "192.0.2.7",
  msec: "1795212987434",
  method: "GET",
  url: "/a",
  query: "?b=c",
  status: "200",
  bytes: "61",
  duration_us: "1030",
  handling: "-",
};
const sideOf = (members: object): string => JSON.stringify({ ...base, ...members });

describe("the sums over the lab's lines are those of the scenarios", () => {
  it("client records, as backend records are kept", () => {
    const stream = decoder();
    const found = fixtureLines("varnish/lab-varnish-json.log").map((line) => stream.decode(line));
    const records = found.filter((record) => typeof record !== "string");
    expect(records).toHaveLength(38);
    expect(found.filter((record) => record === heldLine)).toHaveLength(36);
    expect(countsOf(records.map(({ cacheWord }) => cacheWord))).toMatchObject({
      hit: 6,
      pass: 3,
      pipe: 1,
    });
  });

  it("the default format", () => {
    const records = recordsOf(decoder(), fixtureLines("varnish/lab-varnish-ncsa.log"));
    expect(records).toHaveLength(40);
    expect(records.filter(({ unread }) => unread !== null)).toEqual([]);
    expect(records[0]).toMatchObject({
      method: "GET",
      path: "/github.com/!burnt!sushi/toml/@v/list?sc=varnish-ok-nostore&cc=no-store",
      host: "127.0.0.1:27401",
      userAgent: "Go-http-client/1.1",
      cacheWord: null,
    });
  });
});

describe("reads the default format, which logs the start", () => {
  const startUs = Date.UTC(2026, 10, 20, 22, 16, 27) * 1000;
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "a full URL",
      '192.0.2.7 - - [20/Nov/2026:22:16:27 +0000] "GET http://go.example/a HTTP/1.1" 200 61 "-" "curl/8"',
      { startUs, status: 200, bytes: 61, path: "/a", host: "go.example" },
    ],
    [
      "no bytes",
      '192.0.2.7 - - [20/Nov/2026:22:16:27 +0000] "GET http://go.example/a HTTP/1.1" 304 - "-" "curl/8"',
      { bytes: 0 },
    ],
    [
      "a bad request",
      '- - - [20/Nov/2026:22:16:27 +0000] "- http://localhost HTTP/1.0" 400 0 "-" "-"',
      { method: null, status: 400, client: null },
    ],
    [
      "escapes",
      String.raw`192.0.2.7 - - [20/Nov/2026:22:16:27 +0000] "GET http://go.example/m\xc3\xb6d HTTP/1.1" 200 1 "-" "ua \"q\" \\b"`,
      { path: "/möd", userAgent: String.raw`ua "q" \b` },
    ],
  ])("%s", (_, line, expected) => {
    expect(recordOf(decoder(), line)).toMatchObject(expected);
  });
});

describe("joins the records of attempts to their request", () => {
  it("in the order they were made, along the chain of retries", () => {
    const stream = decoder();
    expect(
      stream.decode(
        sideOf({
          side: "b",
          vxid: "3",
          parent: "2",
          reason: "fetch",
          backend: "a",
          status: "503",
          fetcherror: "backend dead: fail errno 111 (Connection refused)",
        }),
      ),
    ).toBe(heldLine);
    expect(
      stream.decode(
        sideOf({
          side: "b",
          vxid: "4",
          parent: "3",
          reason: "retry",
          backend: "b",
          fetcherror: "first byte timeout",
          status: "503",
        }),
      ),
    ).toBe(heldLine);
    expect(
      stream.decode(sideOf({ side: "b", vxid: "5", parent: "4", reason: "retry", backend: "c" })),
    ).toBe(heldLine);
    const found = recordOf(stream, sideOf({ side: "c", vxid: "2", handling: "miss" }));
    expect(found).toMatchObject({
      cacheWord: "miss",
      path: "/a?b=c",
      durationUs: 1_030,
      startUs: 1_795_212_987_434_000,
    });
    expect(
      found.attempts.map(({ upstream, status, errorType }) => [upstream, status, errorType]),
    ).toEqual([
      ["a", null, "connection_refused"],
      ["b", null, "http_response_timeout"],
      ["c", 200, null],
    ]);
  });

  it("but not what was fetched behind the client's back", () => {
    const stream = decoder();
    expect(
      stream.decode(sideOf({ side: "b", vxid: "3", parent: "2", reason: "bgfetch", backend: "a" })),
    ).toBe(heldLine);
    expect(recordOf(stream, sideOf({ side: "c", vxid: "2", handling: "hit" })).attempts).toEqual(
      [],
    );
  });
});

describe("where records say what they began", () => {
  it("joins attempts whether they come before their request or after it", () => {
    const stream = decoder();
    const found = fixtureLines("varnish/varnish-linked.log").flatMap((line) => {
      const record = stream.decode(line);
      return typeof record === "string" ? [] : [record];
    });
    expect(
      found.map(({ path, status, attempts }) => [
        path,
        status,
        ...attempts.map((attempt) => `${attempt.upstream} ${attempt.status ?? attempt.errorType}`),
      ]),
    ).toEqual([
      ["/warm-up", 200, "origin 200"],
      ["/200/kept/a", 200, "origin 200"],
      ["/200/kept/a", 200],
      ["/200/slow", 200, "origin 200"],
      ["/404/x", 404, "origin 404"],
      ["/dead/a", 503, "dead connection_refused"],
      ["/mirrors/a", 200, "dead destination_unavailable", "origin 200"],
    ]);
  });

  it("lets no request wait for an attempt that never comes", () => {
    const stream = decoder();
    const client = { side: "c", vxid: "2", handling: "miss", link: "3", link_reason: "fetch" };
    expect(stream.decode(sideOf(client))).toBe(heldLine);
    const other = { side: "b", vxid: "5", parent: "4", reason: "fetch" };
    expect(stream.decode(sideOf(other))).toBe(heldLine);
    const later = sideOf({ ...other, vxid: "7", msec: "1795213048435" });
    expect(recordOf(stream, later)).toMatchObject({ path: "/a?b=c", attempts: [] });
  });
});

it("reads what -F describes", () => {
  const format = '%h %t "%r" %s %b %D %{Varnish:handling}x "%{User-agent}i"';
  expect(
    recordOf(
      decoder(format),
      '192.0.2.7 [20/Nov/2026:22:16:27 +0000] "GET http://go.example/a HTTP/1.1" 200 61 1196 miss "curl/8"',
    ),
  ).toMatchObject({ durationUs: 1_196, cacheWord: "miss", status: 200, userAgent: "curl/8" });
});

it.each([
  ["", /no access line: expected/],
  ["{", /no JSON object/],
  ['{"side":"c"}', /no time/],
])("refuses %j with a sentence that says what was expected", (line, reason) => {
  expect(decoder().decode(line)).toMatch(reason);
});
