import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { openStand, type Stand } from "./stand.ts";
import { attemptsTold } from "./told.ts";

let stand: Stand;

beforeAll(async () => {
  stand = await openStand();
  const modules = join(import.meta.dirname, "../../../node_modules");
  await symlink(modules, join(stand.folder, "node_modules"));
});
afterAll(() => stand.stop());

/** What instrumentation does: a request of a client, for which one mirror is asked after the other. */
const proxy = `
import { context, SpanKind, trace } from "@opentelemetry/api";
const tracer = trace.getTracer("proxy");
let startTime = Date.now() - 100;
const path = "/rsc.io/quote/@v/v1.5.2.zip";
const server = tracer.startSpan("GET", { kind: SpanKind.SERVER, startTime, attributes: { "http.request.method": "GET", "url.path": path } });
for (const [host, status] of [["mirror-a", 503], ["mirror-b", 200]]) {
  const attributes = { "http.request.method": "GET", "url.full": "http://" + host + path, "server.address": host, "http.response.status_code": status };
  tracer.startSpan("GET", { kind: SpanKind.CLIENT, attributes, startTime: (startTime += 10) }, trace.setSpan(context.active(), server)).end();
}
server.setAttribute("http.response.status_code", 200).end();
await sdk.shutdown();
`;

it.each([
  ["otel-http", "edge_sdk", "http/protobuf"],
  ["otel-http", "edge_json", "http/json"],
  ["otel-grpc", "edge_grpc", "grpc"],
])(
  "JavaScript's SDK set up by the snippet %s stores a trace of %s over %s",
  async (name, service, protocol) => {
    await stand.write("proxy.mjs", stand.snippet("otel-js") + proxy);
    const settings = stand
      .snippet(name)
      .replace("http/protobuf", protocol)
      .replace("edge_sdk", service);
    const words = ["-c", `${settings}exec ${process.execPath} proxy.mjs`];
    const child = spawn("sh", words, { cwd: stand.folder, stdio: ["ignore", "ignore", "inherit"] });
    expect(await once(child, "exit")).toEqual([0, null]);
    const [exchange] = await stand.exchanges(service, 1);
    expect(exchange).toMatchObject({ path: "/rsc.io/quote/@v/v1.5.2.zip", status: 200 });
    expect(exchange === undefined ? [] : attemptsTold(exchange)).toEqual(["503", "200"]);
    expect(await stand.counts(service)).toMatchObject({
      requests: 1,
      errors: 0,
      upstreams: { "mirror-a": [1, 1], "mirror-b": [1, 0] },
    });
  },
);
