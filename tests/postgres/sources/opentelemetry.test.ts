import { symlink } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runBehind } from "./debian-clients.ts";
import { protocols, proxySent, proxyTold, recordsSent, recordsTold, sdks } from "./sdk-programs.ts";
import { openStand, type Stand } from "./stand.ts";

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

/** The documented variables, with what differs of a service. */
function settingsOf(protocol: string, service: string): string {
  const documented = stand.snippet(protocol === "grpc" ? "otel-grpc" : "otel-http").trimEnd();
  return documented.replace(/edge_\w+/, service).replace("http/protobuf", protocol);
}

it.each(["http/protobuf", "http/json", "grpc"])(
  "JavaScript's SDK, set up as documented, stores a trace over %s",
  async (protocol) => {
    const service = `javascript ${protocol}`.replaceAll(/\W/g, "_");
    const program = await stand.write("proxy.mjs", stand.snippet("otel-js") + proxy);
    const settings = settingsOf(protocol, service);
    await runBehind(settings, [process.execPath, program], stand.folder);
    expect(await proxyTold(stand, service)).toEqual(proxySent);
  },
);

describe.each(sdks)("$language's SDK", ({ language, isThere, ...programs }) => {
  it.skipIf(!isThere).each(protocols)(
    "set up as documented stores a trace over %s, where .ci/debian-clients has run",
    async (protocol) => {
      const service = `${language} ${protocol}`.replaceAll(/\W/g, "_");
      const program = await programs.proxy(stand.folder, protocol);
      await runBehind(settingsOf(protocol, service), program, stand.folder);
      expect(await proxyTold(stand, service)).toEqual(proxySent);
    },
  );

  it.skipIf(!isThere).each(protocols)(
    "stores log records and metrics over %s, where .ci/debian-clients has run",
    async (protocol) => {
      const service = `${language} records ${protocol}`.replaceAll(/\W/g, "_");
      const program = await programs.records(stand.folder);
      await runBehind(settingsOf(protocol, service), program, stand.folder);
      expect(await recordsTold(stand.test.database, service)).toMatchObject(recordsSent);
    },
  );
});
