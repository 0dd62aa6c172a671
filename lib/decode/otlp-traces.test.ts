import { expect, it } from "vitest";

import { MalformedPayload } from "./malformed.ts";
import { tracesFromJson } from "./otlp-json.ts";
import { decodeTraces, type HttpFacts, type SpanRecord } from "./otlp-traces.ts";
import { Writer } from "./otlp/writer.ts";

type Value = string | number | readonly string[];

const ids = { traceId: "0102030405060708f1f2f3f4a5a6a7a8", spanId: "f1f2f3f4e5e6e7e8" };

function attributes(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { intValue: value };
  return { arrayValue: { values: value.map(anyValue) } };
}

function request(spans: readonly object[], resource: Readonly<Record<string, Value>> = {}): object {
  return {
    resourceSpans: [{ resource: { attributes: attributes(resource) }, scopeSpans: [{ spans }] }],
  };
}

function decode(value: object) {
  return decodeTraces(tracesFromJson(JSON.stringify(value)));
}

function decodeOne(span: object, resource: Readonly<Record<string, Value>> = {}): SpanRecord {
  const { spans, rejected } = decode(request([{ ...ids, ...span }], resource));
  expect(rejected).toBe(0);
  const [only] = spans;
  if (only === undefined) throw new Error("no span was given");
  return only;
}

const kinds = { server: 2, client: 3 } as const;

function factsOf(
  kind: keyof typeof kinds,
  values: Readonly<Record<string, Value>>,
): HttpFacts | null {
  return decodeOne({ kind: kinds[kind], attributes: attributes(values) }).http;
}

it("gives ids as unsigned halves, the trace id by its last 8 bytes", () => {
  const span = decodeOne({ parentSpanId: "00000001ffffffff" });
  expect(span).toMatchObject({
    traceHigh: 0xf1f2f3f4,
    traceLow: 0xa5a6a7a8,
    spanHigh: 0xf1f2f3f4,
    spanLow: 0xe5e6e7e8,
    parentHigh: 1,
    parentLow: 0xffffffff,
  });
});

it.each<[string, string, string, number, number]>([
  ["a time of today", "1795000000123456789", "1795000000223457789", 1_795_000_000_123_456, 100_001],
  [
    "less than a microsecond",
    "1795000000000000999",
    "1795000000000001398",
    1_795_000_000_000_000,
    0,
  ],
  [
    "P7 an end before the start",
    "1795000000000000000",
    "1794000000000000000",
    1_795_000_000_000_000,
    0,
  ],
  ["P7 no end", "1795000000000000000", "0", 1_795_000_000_000_000, 0],
  ["a low half that overflows", "4294967295", "4294968295", 4_294_967, 1],
])("times are whole microseconds: %s", (_, start, end, startUs, durationUs) => {
  const span = decodeOne({ startTimeUnixNano: start, endTimeUnixNano: end });
  expect(span).toMatchObject({ startUs, durationUs });
});

it.each<[string, Readonly<Record<string, Value>>, string, string | null]>([
  [
    "both names",
    { "service.name": "edge", "service.instance.id": "a", "host.name": "h" },
    "edge",
    "a",
  ],
  ["a host only", { "service.name": "edge", "host.name": "h" }, "edge", "h"],
  ["nothing", {}, "unknown_service", null],
  ["an empty name", { "service.name": "" }, "unknown_service", null],
])("service and instance come from the resource: %s", (_, resource, service, instance) => {
  expect(decodeOne({}, resource)).toMatchObject({ service, instance });
});

it("a resource behind its spans, and split in two, is theirs all the same", () => {
  const writer = new Writer(64);
  const resourceSpans = writer.open(1);
  const scopeSpans = writer.open(2);
  const span = writer.open(2);
  writer.blob(2, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  writer.blob(1, new Uint8Array(16).fill(7));
  writer.close(span);
  writer.close(scopeSpans);
  for (const [key, value] of [
    ["service.name", "late"],
    ["host.name", "later"],
  ] as const) {
    const resource = writer.open(1);
    const attribute = writer.open(1);
    const any = writer.open(2);
    writer.string(1, value);
    writer.close(any);
    writer.string(1, key);
    writer.close(attribute);
    writer.close(resource);
  }
  writer.close(resourceSpans);
  const { spans } = decodeTraces(writer.finish());
  expect(spans).toMatchObject([{ service: "late", instance: "later" }]);
});

const goFacts = {
  "http.request.method": "GET",
  "url.path": "/golang.org/x/net/@v/list",
  "http.response.status_code": 200,
};

it.each<[string, Readonly<Record<string, Value>>, Partial<HttpFacts>]>([
  ["stable names", goFacts, { method: "GET", status: 200, path: "/golang.org/x/net/@v/list" }],
  [
    "old names",
    { "http.method": "GET", "http.status_code": 404, "http.target": "/a?b=1" },
    { method: "GET", status: 404, path: "/a?b=1" },
  ],
  [
    "both: the stable ones count",
    { "http.method": "OLD", "http.status_code": 1, "http.target": "/old", ...goFacts },
    { method: "GET", status: 200, path: "/golang.org/x/net/@v/list" },
  ],
  ["a status in digits", { "http.status_code": "502" }, { status: 502 }],
  [
    "a status that is no number",
    { "http.status_code": "5xx", "http.method": "GET" },
    { status: null },
  ],
  ["a status of Envoy when nothing was sent", { "http.status_code": "0" }, { status: null }],
  [
    "a query beside the path",
    { "url.path": "/a", "url.query": "go-get=1" },
    { path: "/a?go-get=1" },
  ],
  [
    "a method outside the standard",
    { "http.request.method": "_OTHER", "http.request.method_original": "PURGE" },
    { method: "PURGE" },
  ],
  ["the path of a full URL", { "http.url": "http://host:80/a/b?c=d" }, { path: "/a/b?c=d" }],
  ["a full URL without a path", { "url.full": "https://host" }, { path: "/" }],
  ["NUL in a URL, as nginx-otel writes it", { "url.full": "http://\0host\0/a\0" }, { path: "/a" }],
  ["bytes in digits", { "http.method": "GET", response_size: "123" }, { bytes: 123 }],
  ["a route", { "http.route": "/{module}/@v" }, { route: "/{module}/@v" }],
  ["a cache word of nginx", { "nginx.upstream_cache_status": "HIT" }, { cacheWord: "HIT" }],
  [
    "a cache word in a header list",
    { "http.method": "GET", "http.response.header.x-cache": ["MISS, HIT", "x"] },
    { cacheWord: "MISS, HIT" },
  ],
  [
    "our cache word before a header",
    { "proxy.cache.result": "stale", "http.response.header.x-cache": ["HIT"] },
    { cacheWord: "stale" },
  ],
  [
    "nginx's upstream lists",
    {
      "nginx.upstream_addr": "10.0.0.1:80, 10.0.0.2:80",
      "nginx.upstream_status": "502, 200",
      "nginx.upstream_response_time": "0.001, 0.020",
    },
    {
      upstreamAddr: "10.0.0.1:80, 10.0.0.2:80",
      upstreamStatus: "502, 200",
      upstreamResponseTime: "0.001, 0.020",
      upstream: null,
    },
  ],
  [
    "Envoy's cluster",
    {
      upstream_cluster: "outbound|443",
      "upstream_cluster.name": "athens",
      upstream_address: "10.0.0.1:3000",
    },
    { upstream: "athens", endpoint: "10.0.0.1:3000" },
  ],
  [
    "its own address, which is no upstream",
    { ...goFacts, "server.address": "edge.example", "http.host": "edge", "net.peer.name": "x" },
    { upstream: null, endpoint: null },
  ],
  [
    "an error type",
    { ...goFacts, "error.type": "connection_refused" },
    { errorType: "connection_refused" },
  ],
])("SERVER span with %s", (_, values, expected) => {
  expect(factsOf("server", values)).toMatchObject(expected);
});

it.each<[string, Readonly<Record<string, Value>>, string | null, string | null]>([
  [
    "our own name first",
    { "proxy.upstream.name": "pool", "upstream_cluster.name": "c", "server.address": "h" },
    "pool",
    "h",
  ],
  [
    "Envoy's alternative cluster name",
    { "upstream_cluster.name": "short", upstream_cluster: "long", "server.address": "h" },
    "short",
    "h",
  ],
  ["Envoy's cluster", { upstream_cluster: "long", "peer.service": "p" }, "long", null],
  ["a peer service", { "peer.service": "p", "server.address": "h", "server.port": 1 }, "p", "h:1"],
  [
    "address and port",
    {
      "server.address": "h",
      "server.port": 8443,
      "network.peer.address": "10.0.0.1",
      "network.peer.port": 8443,
    },
    "h:8443",
    "10.0.0.1:8443",
  ],
  ["a port as digits", { "server.address": "h", "server.port": "8443" }, "h:8443", "h:8443"],
  [
    "old names",
    { "net.peer.name": "h", "net.peer.port": 80, "net.sock.peer.addr": "10.0.0.1" },
    "h:80",
    "10.0.0.1",
  ],
  ["a stable URL", { "url.full": "https://me:pw@h:8443/a@b" }, "h:8443", "h:8443"],
  ["an old URL", { "http.url": "http://h/a" }, "h", "h"],
  ["a URL of IPv6", { "url.full": "http://[::1]:80/a" }, "[::1]:80", "[::1]:80"],
  ["only an Envoy address", { upstream_address: "10.0.0.1:80" }, "10.0.0.1:80", "10.0.0.1:80"],
  [
    "only an IPv6 address",
    { "network.peer.address": "fe80::1", "network.peer.port": 443 },
    "[fe80::1]:443",
    "[fe80::1]:443",
  ],
  [
    "Kong's address",
    { "net.peer.ip": "10.0.0.9", "net.peer.port": 80 },
    "10.0.0.9:80",
    "10.0.0.9:80",
  ],
  ["Envoy's peer", { "peer.address": "10.0.0.7:80" }, "10.0.0.7:80", "10.0.0.7:80"],
])("the upstream of a CLIENT span is %s", (_, values, upstream, endpoint) => {
  const facts = factsOf("client", { "http.request.method": "GET", ...values });
  expect(facts).toMatchObject({ upstream, endpoint });
});

it.each<[Readonly<Record<string, Value>>, number | null]>([
  [{ "http.request.resend_count": 2 }, 2],
  [{ "http.resend_count": 1 }, 1],
  [{ "retry.count": "3" }, 3],
  [{ try_count: 1, "net.peer.ip": "10.0.0.1" }, 0],
  [{ "http.method": "GET" }, null],
])("resends of %j are %s", (values, count) => {
  expect(factsOf("client", values)?.resendCount).toBe(count);
});

it.each<[string, object, string | null, string | null]>([
  [
    "our own attribute",
    {
      attributes: attributes({
        ...goFacts,
        "proxy.tls.reason": "unknown_ca",
        "proxy.tls.side": "client",
      }),
    },
    "unknown_ca",
    "client",
  ],
  [
    "the error type",
    { attributes: attributes({ ...goFacts, "error.type": "x509.UnknownAuthorityError" }) },
    "x509.UnknownAuthorityError",
    "upstream",
  ],
  [
    "the status message",
    {
      attributes: attributes(goFacts),
      status: { code: 2, message: "remote error: tls: handshake failure" },
    },
    "remote error: tls: handshake failure",
    "upstream",
  ],
  [
    "an exception",
    {
      attributes: attributes(goFacts),
      status: { code: 2 },
      events: [
        {
          name: "exception",
          attributes: attributes({ "exception.message": "x509: certificate has expired" }),
        },
      ],
    },
    "x509: certificate has expired",
    "upstream",
  ],
  ["no failure", { attributes: attributes(goFacts), status: { message: "tls 1.3" } }, null, null],
  [
    "another failure",
    { attributes: attributes(goFacts), status: { code: 2, message: "EOF" } },
    null,
    null,
  ],
])("a TLS failure is told from %s", (_, span, tlsReason, tlsSide) => {
  expect(decodeOne({ kind: 3, ...span }).http).toMatchObject({ tlsReason, tlsSide });
});

it.each<[string, object]>([
  ["INTERNAL", { kind: 1, attributes: attributes(goFacts) }],
  ["of unknown kind", { kind: 77, attributes: attributes(goFacts) }],
  [
    "a database CLIENT",
    { kind: 3, attributes: attributes({ "db.system": "postgresql", "server.address": "db" }) },
  ],
  ["a CLIENT without attributes", { kind: 3 }],
])("a span that is %s has no HTTP facts", (_, span) => {
  expect(decodeOne(span).http).toBeNull();
});

it("P6 spans with bad ids are rejected one by one, and keep their positions", () => {
  const { traceId, spanId } = ids;
  const { spans, ...counts } = decode(
    request([
      { traceId: "00", spanId },
      { traceId, spanId },
      { traceId: "0".repeat(32), spanId },
      { traceId, spanId: "0".repeat(16) },
      { traceId, spanId: "no hex at all..." },
      { traceId, spanId, parentSpanId: "01", kind: 3 },
      {},
    ]),
  );
  expect(spans.map((span) => [span.position, span.parentHigh, span.parentLow])).toEqual([
    [1, 0, 0],
    [5, 0, 0],
  ]);
  expect(counts).toMatchObject({
    total: 7,
    rejected: 5,
    rejectedByKind: { trace_id: 3, span_id: 2 },
    rejections: [/^3 spans have no valid trace id/, /^2 spans have no valid span id/],
  });
});

it("P10 log records are rejected with a word on where to send them", () => {
  const writer = new Writer(64);
  const [resource, scope] = [writer.open(1), writer.open(2)];
  for (let index = 0; index < 2; index += 1) {
    const record = writer.open(2);
    writer.fixed64(1, 1, 1);
    writer.string(3, "INFO");
    writer.blob(9, new Uint8Array(16).fill(0xff));
    writer.close(record);
  }
  writer.close(scope);
  writer.close(resource);
  expect(decodeTraces(writer.finish())).toMatchObject({
    spans: [],
    rejected: 2,
    rejections: [/\/v1\/logs/],
  });
});

it("P9 odd attribute values reject nothing", () => {
  const values = [
    {},
    { bytesValue: "AAEC" },
    { doubleValue: "NaN" },
    { boolValue: true },
    { arrayValue: { values: [{}, { intValue: 1 }, { arrayValue: {} }] } },
    { kvlistValue: { values: [{ key: "a" }, { key: "b", value: { kvlistValue: {} } }] } },
  ];
  const names = ["http.request.method", "url.path", "unknown.key"];
  for (const key of names) {
    for (const value of values) {
      const span = {
        ...ids,
        kind: 2,
        attributes: [{ key, value }, ...attributes({ "http.route": "/r" })],
      };
      expect(decode(request([span]))).toMatchObject({
        rejected: 0,
        spans: [{ http: { route: "/r" } }],
      });
    }
  }
});

it("B1 unknown fields of any type are skipped, in any message", () => {
  const writer = new Writer(64);
  const unknown = () => {
    writer.varint(900, 0xffffffff, 0xffffffff);
    writer.fixed64(901, 1, 2);
    writer.fixed32(902, 3);
    writer.string(903, "x".repeat(200));
  };
  unknown();
  const resource = writer.open(1);
  unknown();
  const scope = writer.open(2);
  unknown();
  const span = writer.open(2);
  writer.blob(1, new Uint8Array(16).fill(9));
  unknown();
  writer.blob(2, new Uint8Array(8).fill(9));
  writer.varint(6, 0, 1);
  writer.varint(6, 0, 3);
  const attribute = writer.open(9);
  unknown();
  writer.string(1, "http.method");
  const value = writer.open(2);
  writer.string(1, "PUT");
  writer.string(1, "GET");
  unknown();
  writer.close(value);
  writer.close(attribute);
  for (const open of [span, scope, resource]) writer.close(open);
  expect(decodeTraces(writer.finish()).spans).toMatchObject([{ kind: 3, http: { method: "GET" } }]);
});

it.each<[string, string]>([
  ["a tag that is cut off", "0a02128a"],
  ["a length past the end", "0a05"],
  ["a length past its message", "0a021205"],
  ["a number that is cut off", "0a0412023080"],
  ["an 11-byte number", "08ffffffffffffffffffffff01"],
  ["field number 0", "0200"],
  ["wire type 3", "0b0c"],
  ["wire type 4", "0c"],
  ["wire type 6", "0e"],
  ["wire type 7", "0a010f"],
  ["a time that is cut off", "0a081206120439010203"],
  ["an attribute value that is no message", "0a0b120912074a050a01611201ff"],
  ["an attribute of an event that is none", "0a0c120a12085a061a04120207ff"],
  ["text", Buffer.from("hello, world").toString("hex")],
])("B3 %s makes the payload malformed", (_, hex) => {
  expect(() => decodeTraces(Buffer.from(hex, "hex"))).toThrow(MalformedPayload);
});

it("B5 broken UTF-8 is repaired", () => {
  const payload = Buffer.from(
    tracesFromJson(
      JSON.stringify(
        request([
          {
            ...ids,
            kind: 2,
            attributes: attributes({ "http.method": "GET", "url.path": "/abc~~~def" }),
          },
        ]),
      ),
    ),
  );
  const at = payload.indexOf("~~~");
  payload.set([0xc3, 0x28, 0xff], at);
  expect(decodeTraces(payload).spans[0]?.http?.path).toBe("/abc\ufffd(\ufffddef");
});

it("P2 an empty payload has no spans", () => {
  expect(decodeTraces(new Uint8Array(0))).toMatchObject({ spans: [], total: 0, rejected: 0 });
});

it("strings stay right however many different ones there are", () => {
  for (let round = 0; round < 3; round += 1) {
    const spans = Array.from({ length: 9_000 }, (_, index) => ({
      ...ids,
      kind: 2,
      attributes: attributes({ "url.path": `/p/${index * 7 + round}` }),
    }));
    const paths = decode(request(spans)).spans.map((span) => span.http?.path);
    expect(paths).toEqual(spans.map((_, index) => `/p/${index * 7 + round}`));
  }
});

it("a view into a larger buffer is read within its bounds", () => {
  const inner = tracesFromJson(JSON.stringify(request([ids])));
  const around = new Uint8Array(inner.length + 20).fill(0xff);
  around.set(inner, 10);
  expect(decodeTraces(around.subarray(10, 10 + inner.length)).spans).toHaveLength(1);
});
