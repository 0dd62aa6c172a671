import { expect, it } from "vitest";

import { rowRoles } from "#lib/core/record-rows.ts";
import { tracesFromJson } from "#lib/decode/otlp-json.ts";
import { decodeTraces, type SpanRecord } from "#lib/decode/otlp-traces.ts";
import { placedRows } from "#tests/placed-rows.ts";

import { CallHabits } from "./call-habits.ts";
import { TraceAssembly } from "./trace-assembly.ts";
import { wholeExchanges } from "./whole-exchanges.ts";

type Value = string | number;
type Values = Readonly<Record<string, Value>>;

interface EmittedSpan {
  readonly id: number;
  readonly parent?: number;
  readonly kind: "SERVER" | "CLIENT" | "INTERNAL";
  readonly name: string;
  readonly attributes?: Values;
  /** Status code 2. */
  readonly isError?: true;
}

const kinds = { INTERNAL: 1, SERVER: 2, CLIENT: 3 } as const;
const startMs = 1_795_212_544_123;

function keyValues(values: Values): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: value },
  }));
}

function hex(id: number): string {
  return String(id).padStart(16, "0");
}

/** How much of them goes into the sums when all come in one request of a proxy that is known. */
function countedOf(spans: readonly SpanRecord[]) {
  const habits = new CallHabits();
  for (let seen = 0; seen < 16; seen += 1) habits.sawServer(spans[0]?.service ?? "");
  const placed = placedRows(spans, 0, habits);
  const { rows } = placed;
  const joined = new TraceAssembly({ keepMs: 30_000, spansMax: 64 }).take([placed], 0);
  const roles = rows.columns.role.subarray(0, rows.length);
  return {
    attempts: roles.filter((role) => role === rowRoles.attempt || role === rowRoles.toldAttempt)
      .length,
    relations: rows.relations.length + joined.relations.length,
  };
}

/** Each begins when the one before it was over, ten milliseconds later. */
function exchangesOf(resource: Values, spans: readonly EmittedSpan[]) {
  const emitted = spans.map(({ id, parent, kind, name, attributes = {}, isError }) => ({
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: hex(id),
    ...(parent === undefined ? {} : { parentSpanId: hex(parent) }),
    kind: kinds[kind],
    name,
    startTimeUnixNano: `${startMs + id * 10}000000`,
    endTimeUnixNano: `${startMs + (kind === "SERVER" ? 100 : id * 10 + 10)}000000`,
    attributes: keyValues(attributes),
    ...(isError === undefined ? {} : { status: { code: 2 } }),
  }));
  const request = {
    resourceSpans: [
      { resource: { attributes: keyValues(resource) }, scopeSpans: [{ spans: emitted }] },
    ],
  };
  const { spans: read, rejected } = decodeTraces(tracesFromJson(JSON.stringify(request)));
  expect(rejected).toBe(0);
  const whole = wholeExchanges(read);
  expect(countedOf(read)).toEqual({
    attempts: whole.flatMap(({ exchange }) => exchange.attempts).length,
    relations: whole.flatMap(({ relations }) => relations).length,
  });
  return whole.map(({ exchange, relations }) => ({
    proxy: exchange.proxy,
    asked: `${exchange.method} ${exchange.path}`,
    status: exchange.status,
    cache: exchange.cache,
    attempts: exchange.attempts.map(
      ({ upstream, endpoint, status, errorType }) =>
        `${upstream} ${endpoint} ${status ?? errorType}`,
    ),
    relations: relations.map(({ kind, from, to, cause }) => `${kind} ${from} ${to} ${cause}`),
  }));
}

const path = "/rsc.io/quote/@v/v1.5.2.zip";

/** What each proxy sends of one request, by its sources; names and types of attributes as it writes them. */
it.each<[string, Values, readonly EmittedSpan[], object]>([
  [
    "nginx-otel, with the recommended otel_span_attr",
    { "service.name": "unknown_service:nginx" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.route": "/",
          "http.scheme": "https",
          "http.flavor": "2.0",
          "http.status_code": 200,
          "http.response_content_length": 512,
          "net.host.name": "proxy.example.com",
          "net.sock.peer.addr": "192.0.2.7",
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.2:3000",
          "nginx.upstream_status": "502, 200",
          "nginx.upstream_response_time": "0.001, 0.040",
          "nginx.upstream_cache_status": "MISS",
        },
      },
    ],
    {
      asked: `GET ${path}`,
      status: 200,
      cache: "miss",
      attempts: ["10.0.2.1:3000 10.0.2.1:3000 502", "10.0.2.2:3000 10.0.2.2:3000 200"],
      relations: ["fallback 10.0.2.1:3000 10.0.2.2:3000 status_5xx"],
    },
  ],
  [
    "nginx-otel, which also names the group of its upstreams",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 200,
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.1:3000, 10.0.2.2:3000 : 10.0.3.1:3000",
          "nginx.upstream_status": "504, 503, 404 : 200",
          "nginx.upstream_response_time": "1.000, 0.010, 0.040 : 0.020",
          "proxy.upstream.name": "mirrors",
        },
      },
    ],
    {
      attempts: [
        "10.0.2.1:3000 10.0.2.1:3000 504",
        "10.0.2.1:3000 10.0.2.1:3000 503",
        "10.0.2.2:3000 10.0.2.2:3000 404",
        "mirrors 10.0.3.1:3000 200",
      ],
      relations: [
        "retry 10.0.2.1:3000 10.0.2.1:3000 status_5xx",
        "fallback 10.0.2.1:3000 10.0.2.2:3000 status_5xx",
        "fallback 10.0.2.2:3000 mirrors not_found",
      ],
    },
  ],
  [
    "nginx-otel, of a group of servers",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 502,
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.2:3000, athens",
          "nginx.upstream_status": "502, 502, 502",
          "nginx.upstream_response_time": "0.001, 0.001, 0.000",
          "proxy.upstream.name": "athens",
        },
      },
    ],
    {
      status: 502,
      attempts: [
        "athens 10.0.2.1:3000 502",
        "athens 10.0.2.2:3000 502",
        "athens null destination_unavailable",
      ],
      relations: ["failover athens athens status_5xx", "failover athens athens status_5xx"],
    },
  ],
  [
    "nginx-otel with no more than addresses",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 200,
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.2:3000",
        },
      },
    ],
    {
      attempts: ["10.0.2.1:3000 10.0.2.1:3000 null", "10.0.2.2:3000 10.0.2.2:3000 200"],
      relations: ["fallback 10.0.2.1:3000 10.0.2.2:3000 transport"],
    },
  ],
  [
    "nginx-otel, answered from its cache",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 200,
          "nginx.upstream_addr": "-",
          "nginx.upstream_status": "-",
          "nginx.upstream_response_time": "-",
          "nginx.upstream_cache_status": "HIT",
        },
      },
    ],
    { status: 200, cache: "hit", attempts: [], relations: [] },
  ],
  [
    "nginx-otel, which the client left",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 499,
          "nginx.upstream_addr": "10.0.2.1:3000",
          "nginx.upstream_status": "-",
        },
      },
    ],
    { status: 499, attempts: ["10.0.2.1:3000 10.0.2.1:3000 null"], relations: [] },
  ],
  [
    "nginx-otel with otel_upstream_span_enable, whose spans carry the same lists",
    { "service.name": "edge" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "/",
        attributes: {
          "http.method": "GET",
          "http.target": path,
          "http.status_code": 200,
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.2:3000",
          "nginx.upstream_status": "502, 200",
        },
      },
      {
        id: 2,
        parent: 1,
        kind: "CLIENT",
        name: path,
        attributes: {
          "server.address": "10.0.2.1",
          "server.port": "3000",
          "url.full": `http\0//athens\0${path}\0`,
          "http.request.method": "GET",
          "http.status_code": 502,
          "nginx.upstream_addr": "10.0.2.1:3000",
        },
        isError: true,
      },
      {
        id: 3,
        parent: 1,
        kind: "CLIENT",
        name: path,
        attributes: {
          "server.address": "10.0.2.2",
          "server.port": "3000",
          "url.full": `http\0//athens\0${path}\0`,
          "http.request.method": "GET",
          "http.status_code": 200,
          "nginx.upstream_addr": "10.0.2.1:3000, 10.0.2.2:3000",
        },
      },
    ],
    {
      attempts: ["10.0.2.1:3000 10.0.2.1:3000 502", "10.0.2.2:3000 10.0.2.2:3000 200"],
      relations: ["fallback 10.0.2.1:3000 10.0.2.2:3000 status_5xx"],
    },
  ],
  [
    "Envoy, a span per attempt, all values strings",
    { "service.name": "edge-envoy" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "ingress",
        attributes: {
          component: "proxy",
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.status_code": "200",
          response_size: "512",
          response_flags: "-",
          "upstream_cluster.name": "athens",
        },
      },
      {
        id: 2,
        parent: 1,
        kind: "CLIENT",
        name: "router athens egress",
        attributes: {
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.status_code": "503",
          upstream_cluster: "athens",
          "upstream_cluster.name": "athens",
          upstream_address: "10.0.2.1:3000",
          error: "true",
        },
        isError: true,
      },
      {
        id: 3,
        parent: 1,
        kind: "CLIENT",
        name: "router athens egress",
        attributes: {
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.status_code": "200",
          upstream_cluster: "athens",
          "upstream_cluster.name": "athens",
          upstream_address: "10.0.2.2:3000",
          "retry.count": "1",
        },
      },
    ],
    {
      asked: `GET ${path}`,
      status: 200,
      attempts: ["athens 10.0.2.1:3000 503", "athens 10.0.2.2:3000 200"],
      relations: ["failover athens athens status_5xx"],
    },
  ],
  [
    "Envoy without a span per attempt",
    { "service.name": "edge-envoy" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "ingress",
        attributes: {
          component: "proxy",
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.status_code": "200",
          upstream_cluster: "athens",
          "upstream_cluster.name": "athens",
          upstream_address: "10.0.2.1:3000",
        },
      },
    ],
    { status: 200, attempts: ["athens 10.0.2.1:3000 200"], relations: [] },
  ],
  [
    "Envoy whose client left before an answer",
    { "service.name": "edge-envoy" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "ingress",
        attributes: {
          component: "proxy",
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.status_code": "0",
          response_flags: "DC",
          upstream_cluster: "athens",
          upstream_address: "10.0.2.1:3000",
          error: "true",
        },
        isError: true,
      },
    ],
    { status: null, attempts: ["athens 10.0.2.1:3000 null"], relations: [] },
  ],
  [
    "Traefik with detailed tracing, a ReverseProxy span per attempt",
    { "service.name": "traefik" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "GET",
        attributes: {
          entry_point: "websecure",
          "http.request.method": "GET",
          "url.path": path,
          "url.query": "",
          "url.scheme": "https",
          "server.address": "proxy.example.com",
          "client.address": "192.0.2.7",
          "http.response.status_code": 200,
        },
      },
      { id: 2, parent: 1, kind: "INTERNAL", name: "Router" },
      {
        id: 3,
        parent: 2,
        kind: "INTERNAL",
        name: "Retry",
        attributes: { "http.request.resend_count": 1 },
      },
      {
        id: 4,
        parent: 3,
        kind: "CLIENT",
        name: "ReverseProxy",
        attributes: {
          "http.request.method": "GET",
          "url.full": `http://10.0.2.1:3000${path}`,
          "server.address": "10.0.2.1",
          "server.port": 3000,
          "http.response.status_code": 502,
        },
        isError: true,
      },
      {
        id: 5,
        parent: 3,
        kind: "CLIENT",
        name: "ReverseProxy",
        attributes: {
          "http.request.method": "GET",
          "url.full": `http://10.0.2.2:3000${path}`,
          "server.address": "10.0.2.2",
          "server.port": 3000,
          "http.response.status_code": 200,
        },
      },
    ],
    {
      asked: `GET ${path}`,
      status: 200,
      attempts: ["10.0.2.1:3000 10.0.2.1:3000 502", "10.0.2.2:3000 10.0.2.2:3000 200"],
      relations: ["fallback 10.0.2.1:3000 10.0.2.2:3000 status_5xx"],
    },
  ],
  [
    "Kong, a balancer span per try",
    { "service.name": "kong" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "kong",
        attributes: {
          "http.method": "GET",
          "http.url": `https://proxy.example.com${path}`,
          "http.host": "proxy.example.com",
          "http.flavor": "2.0",
          "http.client_ip": "192.0.2.7",
          "http.status_code": 200,
          "http.route": "/",
        },
      },
      { id: 2, parent: 1, kind: "INTERNAL", name: "kong.router" },
      {
        id: 3,
        parent: 1,
        kind: "CLIENT",
        name: "kong.balancer",
        attributes: {
          try_count: 1,
          "net.peer.ip": "10.0.2.1",
          "net.peer.port": 3000,
          "net.peer.name": "athens",
          "http.status_code": 502,
        },
        isError: true,
      },
      {
        id: 4,
        parent: 1,
        kind: "CLIENT",
        name: "kong.balancer",
        attributes: {
          try_count: 2,
          "net.peer.ip": "10.0.2.2",
          "net.peer.port": 3000,
          "net.peer.name": "athens",
        },
      },
    ],
    {
      asked: `GET ${path}`,
      status: 200,
      attempts: ["athens:3000 10.0.2.1:3000 502", "athens:3000 10.0.2.2:3000 null"],
      relations: ["failover athens:3000 athens:3000 status_5xx"],
    },
  ],
  [
    "Caddy with span_attributes for its upstream",
    { "service.name": "unknown_service:caddy", "webengine.name": "Caddy" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "handler",
        attributes: {
          "http.request.method": "GET",
          "url.path": path,
          "url.scheme": "https",
          "server.address": "proxy.example.com",
          "http.response.status_code": 200,
          "http.response.body.size": 512,
          upstream_address: "10.0.2.1:3000",
        },
      },
    ],
    {
      asked: `GET ${path}`,
      status: 200,
      cache: null,
      attempts: ["10.0.2.1:3000 10.0.2.1:3000 200"],
      relations: [],
    },
  ],
  [
    "APISIX, old and new names side by side",
    { "service.name": "APISIX" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "GET /*",
        attributes: {
          "http.method": "GET",
          "http.request.method": "GET",
          "http.target": path,
          "url.path": path,
          "http.status_code": 503,
          "http.response.status_code": 503,
          "apisix.route_id": "1",
          "apisix.response_source": "upstream",
        },
        isError: true,
      },
      { id: 2, parent: 1, kind: "INTERNAL", name: "apisix.phase.access" },
    ],
    { proxy: "APISIX", asked: `GET ${path}`, status: 503, attempts: [] },
  ],
  [
    "HAProxy, as its filter's example names it",
    { "service.name": "haproxy" },
    [
      { id: 1, kind: "INTERNAL", name: "HAProxy session" },
      {
        id: 2,
        parent: 1,
        kind: "SERVER",
        name: "Frontend HTTP request",
        attributes: {
          "http.method": "GET",
          "http.url": path,
          "http.version": "1.1",
          "http.status_code": "200",
        },
      },
    ],
    { proxy: "haproxy", asked: `GET ${path}`, status: 200 },
  ],
  [
    "Athens",
    { "service.name": "proxy" },
    [
      {
        id: 1,
        kind: "SERVER",
        name: "proxy",
        attributes: {
          "http.request.method": "GET",
          "url.path": path,
          "url.scheme": "http",
          "server.address": "athens",
          "http.response.status_code": 200,
          "http.response.body.size": 512,
        },
      },
      { id: 2, parent: 1, kind: "INTERNAL", name: "protocol.Zip" },
      { id: 3, parent: 2, kind: "INTERNAL", name: "fs.Zip" },
    ],
    { proxy: "proxy", asked: `GET ${path}`, status: 200, cache: null, attempts: [] },
  ],
])("%s", (_, resource, spans, expected) => {
  expect(exchangesOf(resource, spans)).toMatchObject([
    { proxy: resource["service.name"], ...expected },
  ]);
});
