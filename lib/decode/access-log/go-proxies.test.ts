import { describe, expect, it } from "vitest";

import { accessLogDecoder } from "#lib/decode/access-log.ts";
import type { AccessRecord } from "#lib/decode/access-record.ts";
import { recordOf } from "#tests/access-log.ts";

function read(format: string, line: string, seenUs?: number): AccessRecord {
  return recordOf(accessLogDecoder({ format, logFormat: null }), line, seenUs);
}

const endUs = Date.UTC(2026, 10, 20, 22, 9, 4, 123) * 1000;

describe("Artifactory", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "a request of version 7",
      "2026-11-20T22:09:04.123Z|31627ed4a292c0e6|192.0.2.7|anonymous|GET|/api/go/go-virtual/github.com/pkg/errors/@v/list|200|-1|157|24|Go-http-client/1.1",
      {
        startUs: endUs - 24_000,
        durationUs: 24_000,
        status: 200,
        bytes: 157,
        client: "192.0.2.7",
        traceId: "31627ed4a292c0e6",
        attempts: [],
      },
    ],
    [
      "an agent with bars and JSON",
      '2026-11-20T22:09:04.123Z|31627ed4a292c0e6|192.0.2.7|a|GET|/x|200|-1|-1|2|pip/21 {"a":"b|c"}',
      { userAgent: 'pip/21 {"a":"b|c"}', bytes: null },
    ],
    [
      "a path without its slash",
      "2026-11-20T22:09:04.123Z|d5d75b3c41242768|127.0.0.1|a|GET|api/v1/cert/root|200|0|6|0|x",
      { path: "/api/v1/cert/root" },
    ],
    [
      "a request of version 6",
      "20261120220904|93|REQUEST|192.0.2.7|bob|GET|/api/go/x|HTTP/1.1|200|12",
      {
        startUs: endUs - 123_000 - 93_000,
        durationUs: 93_000,
        status: 200,
        bytes: 12,
        path: "/api/go/x",
      },
    ],
    [
      "a request to a remote repository",
      "2026-11-20T22:09:04.123Z|31627ed4a292c0e6|go-remote|bob|GET|https://proxy.golang.org/github.com/pkg/errors/@v/list|404|0|50|80",
      {
        host: "proxy.golang.org",
        attempts: [
          {
            upstream: "go-remote",
            endpoint: "proxy.golang.org",
            status: 404,
            durationUs: 80_000,
            errorType: null,
            tlsReason: null,
            canceled: false,
          },
        ],
      },
    ],
  ])("%s", (_, line, expected) => {
    expect(read("artifactory", line)).toMatchObject(expected);
  });
});

describe("Nexus", () => {
  const head =
    '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /repository/go/github.com/pkg/errors/@v/list HTTP/1.1"';
  const startUs = Date.UTC(2026, 10, 20, 22, 9, 4) * 1000 - 12_000;
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "a request",
      `${head} 200 - 1024 12 "Go-http-client/1.1" [qtp1-921]`,
      {
        startUs,
        durationUs: 12_000,
        bytes: 1024,
        status: 200,
        userAgent: "Go-http-client/1.1",
        unread: null,
      },
    ],
    [
      "a request with a body",
      `${head} 201 77 0 12 "-" [qtp1-921]`,
      { bytes: 0, durationUs: 12_000, userAgent: null },
    ],
    [
      "a request of older versions",
      `${head} 200 1024 12 "Go-http-client/1.1"`,
      { startUs, durationUs: 12_000, bytes: 1024 },
    ],
    [
      "a request to a remote repository",
      '[20/Nov/2026:22:09:04 +0000] - "GET https://proxy.golang.org/a/@v/list HTTP/1.1" 404 554 12 "Nexus/3.63" [qtp1-921]',
      {
        startUs,
        status: 404,
        bytes: 554,
        path: "/a/@v/list",
        attempts: [
          {
            upstream: null,
            endpoint: "proxy.golang.org",
            status: 404,
            durationUs: 12_000,
            errorType: null,
            tlsReason: null,
            canceled: false,
          },
        ],
      },
    ],
  ])("%s", (_, line, expected) => {
    expect(read("nexus", line)).toMatchObject(expected);
  });
});

describe("Athens", () => {
  const path = "/github.com/!burnt!sushi/toml/@v/list";
  const said = {
    method: "GET",
    path,
    status: 404,
    durationUs: null,
    cacheWord: null,
    attempts: [],
  };
  it.each([
    [
      "slog JSON",
      `{"time":"2026-11-20T22:09:04.123456789Z","level":"INFO","msg":"incoming request","http-method":"GET","http-path":"${path}","http-status":"404","request-id":"5f0b34a0-a8e9-454a-bbfb-71756f82412f"}`,
    ],
    [
      "logrus JSON",
      `{"http-method":"GET","http-path":"${path}","http-status":404,"level":"info","msg":"incoming request","time":"2026-11-20T22:09:04Z"}`,
    ],
    [
      "Google's JSON",
      `{"severity":"info","message":"incoming request","timestamp":"2026-11-20T22:09:04Z","http-method":"GET","http-path":"${path}","http-status":"404"}`,
    ],
    ["logrus text", `time="2026-11-20T22:09:04Z" level=info msg="handler: GET ${path} [404]"`],
  ])("%s", (_, line) => {
    expect(read("athens", line)).toMatchObject(said);
  });

  it("the plain log, which has no date, by when its transport saw it", () => {
    const plain = `INFO[3:04PM]: incoming request\thttp-method=GET http-path=${path} http-status=404 request-id=5f0b34a0-a8e9-454a-bbfb-71756f82412f `;
    expect(read("athens", plain, endUs)).toMatchObject({
      ...said,
      startUs: endUs,
      traceId: "5f0b34a0a8e9454abbfb71756f82412f",
    });
    expect(read("athens", `2026-11-20T22:09:04.123Z stdout F ${plain}`)).toMatchObject({
      ...said,
      startUs: endUs,
    });
    expect(
      read(
        "athens",
        JSON.stringify({ log: `${plain}\n`, stream: "stderr", time: "2026-11-20T22:09:04.123Z" }),
      ),
    ).toMatchObject({ ...said, startUs: endUs });
    expect(accessLogDecoder({ format: "athens", logFormat: null }).decode(plain)).toMatch(
      /no date/,
    );
  });

  it("the plain log with the colors of a terminal", () => {
    const colored = `\u001B[36mINFO\u001B[0m[3:04PM]: incoming request\t\u001B[36mhttp-method\u001B[0m=GET \u001B[36mhttp-path\u001B[0m=${path} \u001B[36mhttp-status\u001B[0m=\u001B[33m404\u001B[0m `;
    expect(read("athens", colored, endUs)).toMatchObject(said);
  });
});

describe("goproxy", () => {
  it.each<[string, string, Partial<AccessRecord>]>([
    [
      "slog text",
      String.raw`time=2026-11-20T22:09:04.123Z level=ERROR msg="failed to download module version" error="Get \"https://proxy.golang.org/a\": dial tcp: lookup proxy.golang.org: no such host" target=github.com/pkg/errors/@v/v0.9.1.zip`,
      {
        startUs: endUs,
        path: "/github.com/pkg/errors/@v/v0.9.1.zip",
        errorType: "dns_error",
        status: null,
      },
    ],
    [
      "slog JSON",
      '{"time":"2026-11-20T22:09:04.123Z","level":"ERROR","msg":"failed to proxy checksum database","error":"x509: certificate signed by unknown authority","target":"sumdb/sum.golang.org/latest"}',
      { path: "/sumdb/sum.golang.org/latest", errorType: "tls_certificate_error" },
    ],
    [
      "the common log with a Go duration",
      '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET /a/@v/list HTTP/1.1" 200 5 1.947s',
      { durationUs: 1_947_000, status: 200 },
    ],
  ])("%s", (_, line, expected) => {
    expect(read("goproxy", line)).toMatchObject(expected);
  });

  it("lines without a date, by when their transport saw their end", () => {
    expect(read("goproxy", "0.630s 404 /golang.org/x/mod/@v/v0.1.0.info", endUs)).toMatchObject({
      startUs: endUs - 630_000,
      durationUs: 630_000,
      status: 404,
      path: "/golang.org/x/mod/@v/v0.1.0.info",
    });
    expect(
      accessLogDecoder({ format: "goproxy", logFormat: null }).decode("0.630s 404 /a"),
    ).toMatch(/no date/);
  });
});

describe("refuses with a sentence that says what was expected", () => {
  it.each([
    ["artifactory", "2026-11-20T22:09:04.123Z [jfrt ] [INFO ] started", /expected `time\|trace/],
    ["artifactory", "{", /no JSON object/],
    ["nexus", "2026-11-20 22:09:04,123+0000 INFO started", /expected/],
    [
      "nexus",
      '192.0.2.7 - - [20/Nov/2026:22:09:04 +0000] "GET / HTTP/1.1" 200 5',
      /milliseconds were expected/,
    ],
    [
      "athens",
      "2020-03-06 07:11:30.671249 I | Starting application at port :3000",
      /no request record/,
    ],
    ["athens", '{"msg":"Exporter not specified"}', /is of no request/],
    [
      "athens",
      "DEBUG[6:21AM]: saving github.com/gorilla/mux@v1.6.1 to storage...",
      /is of no request/,
    ],
    ["goproxy", 'time=2026-11-20T22:09:04Z level=INFO msg="listening"', /none of goproxy/],
  ])("%s: %j", (format, line, reason) => {
    expect(accessLogDecoder({ format, logFormat: null }).decode(line)).toMatch(reason);
  });
});
