import { tracesFromJson } from "#lib/decode/otlp-json.ts";

const modules = [
  "github.com/!burnt!sushi/toml",
  "golang.org/x/net",
  "github.com/stretchr/testify",
  "google.golang.org/grpc",
  "gopkg.in/yaml.v3",
  "github.com/spf13/cobra",
];
const upstreams = ["proxy.golang.org", "goproxy.cn", "athens.internal"];

/**
 * A trace request like those that reference/otlp.md §2 measured with, as OTLP/JSON: half SERVER and half CLIENT
 * spans with 12 attributes each, one resource, one scope. The seed makes ids, versions and times differ.
 */
export function referenceTracesJson(spans = 512, seed = 1, startMs = 1_795_000_000_000): string {
  const random = randomOf(seed);
  const items = Array.from({ length: spans >> 1 }, (_, index) =>
    exchange(random, startMs + index * 3),
  ).flat();
  return JSON.stringify({
    resourceSpans: [
      {
        resource: {
          attributes: [
            text("service.name", "goproxy"),
            text("service.instance.id", "goproxy-7c9f"),
            text("telemetry.sdk.language", "go"),
          ],
        },
        scopeSpans: [{ scope: { name: "otelhttp", version: "0.64.0" }, spans: items }],
      },
    ],
  });
}

/** The same in protobuf. */
export function referenceTraces(spans = 512, seed = 1, startMs?: number): Uint8Array<ArrayBuffer> {
  return tracesFromJson(referenceTracesJson(spans, seed, startMs));
}

function exchange(random: () => number, startMs: number): object[] {
  const traceId = hex(random, 4);
  const serverId = hex(random, 2);
  const name = modules[Math.floor(random() * modules.length)] ?? "example.com/m";
  const version = `v1.${Math.floor(random() * 40)}.${Math.floor(random() * 20)}`;
  const path = `/${name}/@v/${version}.info`;
  const upstream = upstreams[Math.floor(random() * upstreams.length)] ?? "proxy.golang.org";
  const status = random() < 0.9 ? 200 : random() < 0.7 ? 404 : 502;
  const startNs = BigInt(startMs) * 1_000_000n + BigInt(Math.floor(random() * 1e6));
  const durationNs = BigInt(Math.floor(2e6 + random() * 2e8));
  const server = {
    traceId,
    spanId: serverId,
    name: "GET /{module}/@v/{version}",
    kind: 2,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + durationNs),
    status: status >= 500 ? { code: 2 } : {},
    attributes: [
      text("http.request.method", "GET"),
      text("url.path", path),
      text("url.scheme", "https"),
      text("server.address", "goproxy.example.com"),
      number("server.port", 443),
      text("client.address", `10.1.${Math.floor(random() * 4)}.${Math.floor(random() * 250)}`),
      text("network.protocol.version", "1.1"),
      text("user_agent.original", "Go-http-client/1.1"),
      number("http.response.status_code", status),
      number("http.response.body.size", Math.floor(random() * 4e6)),
      text("http.route", "/{module}/@v/{version}"),
      text("proxy.cache.result", random() < 0.7 ? "hit" : "miss"),
    ],
  };
  const client = {
    traceId,
    spanId: hex(random, 2),
    parentSpanId: serverId,
    name: "GET",
    kind: 3,
    startTimeUnixNano: String(startNs + 300_000n),
    endTimeUnixNano: String(startNs + durationNs - 100_000n),
    status: status >= 400 ? { code: 2 } : {},
    attributes: [
      text("http.request.method", "GET"),
      text("url.full", `https://${upstream}${path}`),
      text("url.scheme", "https"),
      text("server.address", upstream),
      number("server.port", 443),
      text("network.peer.address", "142.250.185.145"),
      number("network.peer.port", 443),
      text("network.protocol.version", "2"),
      text("user_agent.original", "Go-http-client/2.0"),
      number("http.response.status_code", status),
      number("http.response.body.size", Math.floor(random() * 4e6)),
      text("tls.protocol.version", "1.3"),
    ],
  };
  return [server, client];
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function number(key: string, value: number): object {
  return { key, value: { intValue: String(value) } };
}

function hex(random: () => number, words: number): string {
  return Array.from({ length: words }, () =>
    Math.floor(random() * 0xff_ff_ff_ff + 1)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
}

/** Park and Miller's generator. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
