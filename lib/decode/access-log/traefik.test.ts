import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { recordOf } from "#tests/access-log.ts";

function read(line: string): AccessRecord {
  return recordOf(accessLogDecoder({ format: "traefik", logFormat: null }), line);
}

const head = '192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET /a HTTP/1.1"';
const startUs = Date.UTC(2021, 11, 8, 9, 16, 5) * 1000;
const json = {
  StartUTC: "2021-12-08T09:16:05.587782192Z",
  DownstreamStatus: 200,
  Duration: 357_313,
  OriginStatus: 200,
  OriginDuration: 324_669,
  RequestMethod: "GET",
  RequestPath: "/a",
  ServiceAddr: "10.0.0.1:80",
  ServiceName: "go@docker",
  RetryAttempts: 0,
};

describe("reads CLF, which logs the start", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "the eleven fields",
      `${head} 200 414 "-" "curl/8" 500 "go@docker" "http://10.0.0.1:80" 42ms`,
      {
        startUs,
        durationUs: 42_000,
        status: 200,
        bytes: 414,
        userAgent: "curl/8",
        client: "192.0.2.7",
        unread: null,
      },
    ],
    [
      "no status and no size",
      `${head} - - "-" "-" 45640 "-" "-" 0ms`,
      { status: null, bytes: null, attempts: [] },
    ],
    [
      "a chain of routers",
      `${head} 200 1 "-" "-" 3 "root@docker -> leaf@docker" "http://10.0.0.4:80/x" 25ms`,
      { durationUs: 25_000 },
    ],
    [
      "no service",
      `${head} 401 17 "-" "-" 1 "router with space" - 0ms`,
      { attempts: [], unread: null },
    ],
    [
      "escaped quotes",
      String.raw`192.0.2.7 - - [08/Dec/2021:09:16:05 +0000] "GET /q\"x HTTP/1.1" 200 1 "-" "a \"b\"" 3 "-" "-" 1ms`,
      { path: '/q"x', userAgent: 'a "b"' },
    ],
    [
      "forwarded addresses in the first column",
      '1.1.1.1, 2.2.2.2 - - [08/Dec/2021:09:16:05 +0000] "GET /a HTTP/1.1" 200 1 "-" "-" 3 "-" "-" 1ms',
      { client: "1.1.1.1", status: 200 },
    ],
  ])("%s", (_, line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it("asks the host of the service's URL", () => {
    expect(
      read(`${head} 502 1 "-" "-" 3 "go@docker" "http://10.0.0.1:80/base" 5ms`).attempts,
    ).toMatchObject([{ endpoint: "10.0.0.1:80", status: 502 }]);
  });
});

describe("reads JSON, in nanoseconds", () => {
  it.each<[string, object, Partial<AccessRecord>]>([
    ["one attempt", {}, { startUs: startUs + 587_782, durationUs: 357, status: 200 }],
    [
      "forwarded addresses, of which the first is the client's",
      { ClientHost: "192.0.2.7,10.0.0.50" },
      { client: "192.0.2.7" },
    ],
    ["answered by Traefik itself", { OriginStatus: 0 }, { attempts: [] }],
    [
      "no route",
      { ServiceAddr: undefined, ServiceName: undefined, OriginStatus: 0, DownstreamStatus: 404 },
      { status: 404, attempts: [] },
    ],
    [
      "a trace",
      { TraceId: "0af7651916cd43dd8448eb211c80319c" },
      { traceId: "0af7651916cd43dd8448eb211c80319c" },
    ],
  ])("%s", (_, members, expected) => {
    expect(read(JSON.stringify({ ...json, ...members }))).toMatchObject(expected);
  });

  it.each([
    ["an address", {}, "10.0.0.1:80"],
    ["a URL", { ServiceAddr: undefined, ServiceURL: "http://10.0.0.2:80" }, "10.0.0.2:80"],
    [
      "a URL in parts",
      { ServiceAddr: undefined, ServiceURL: { Scheme: "http", Host: "10.0.0.3:80" } },
      "10.0.0.3:80",
    ],
  ])("the service by %s", (_, members, endpoint) => {
    expect(read(JSON.stringify({ ...json, ...members })).attempts).toMatchObject([
      { upstream: "go@docker", endpoint, status: 200 },
    ]);
  });

  it("retries, whose servers and durations are not known", () => {
    const { attempts } = read(JSON.stringify({ ...json, RetryAttempts: 2 }));
    expect(
      attempts.map(({ endpoint, durationUs, status }) => [endpoint, durationUs, status]),
    ).toEqual([
      [null, null, null],
      [null, null, null],
      ["10.0.0.1:80", null, 200],
    ]);
  });
});

it.each([
  ["DEBUG: CrowdsecBouncerTraefikPlugin: updated", /no access line/],
  ["bad", /no access line/],
  ["{", /no JSON object/],
  ['{"level":"info"}', /no start time/],
])("refuses %j with a sentence that says what was expected", (line, reason) => {
  expect(accessLogDecoder({ format: "traefik", logFormat: null }).decode(line)).toMatch(reason);
});
