import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";

import { afterEach, expect, it, vi } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";
import { selfSigned } from "#tests/certificates.ts";

import { accessBy } from "./access.ts";
import { createGrpcReceiver } from "./grpc-receiver.ts";
import type { Intake } from "./intake.ts";
import { createReceiver, heldBytesOf, type Receiver } from "./receiver.ts";

const made = selfSigned({
  commonName: "viascope",
  names: ["localhost"],
  begins: new Date(Date.now() - 60_000),
  ends: new Date(Date.now() + 3_600_000),
});
const tls = { cert: Buffer.from(made.cert), key: Buffer.from(made.key) };
const limits = { bodyBytesMax: 100_000, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 200 };
const ready = () => Promise.resolve(true);
const payload = Buffer.from("0a00", "hex");
const started: Receiver[] = [];
/** An address of this machine that is not loopback, if it has one. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

afterEach(async () => {
  await Promise.all(started.splice(0).map((receiver) => receiver.close()));
});

async function start(kind: "http" | "grpc", host = "127.0.0.1", corsOrigins: string[] = []) {
  const metrics = createMetrics();
  const taken: number[] = [];
  const intake: Intake = {
    traces(body) {
      taken.push(body.length);
      return Promise.resolve({ kind: "accepted", rejected: 0, message: "" });
    },
    accessLogs: () => Promise.reject(new Error("not sent here")),
  };
  const common = {
    intake,
    host,
    port: 0,
    limits,
    held: heldBytesOf(limits),
    access: accessBy({ token: host === "127.0.0.1" ? null : "secret", project: 1 }),
    metrics,
    onError: () => {},
    tls,
  };
  const receiver =
    kind === "http"
      ? createReceiver({ ...common, ready, corsOrigins })
      : createGrpcReceiver(common);
  started.push(receiver);
  const { port } = await receiver.listen();
  const refused = (outcome: string) =>
    metrics
      .readings()
      .filter(
        ({ name, labels }) => name.endsWith("requests_total") && labels["outcome"] === outcome,
      )
      .reduce((sum, { value }) => sum + value, 0);
  return { receiver, port, taken, refused };
}

const headers = { "content-type": "application/x-protobuf", authorization: "Bearer secret" };

async function post(url: string): Promise<{ status: number; body: string }> {
  const send = url.startsWith("https") ? httpsRequest : httpRequest;
  const request = send(url, { method: "POST", headers, rejectUnauthorized: false, agent: false });
  request.end(payload);
  const [response] = await once(request, "response");
  return { status: response.statusCode, body: await text(response) };
}

it("takes OTLP/HTTP with TLS, and without it from this machine, on one port", async () => {
  const { port, taken } = await start("http", "0.0.0.0");
  expect((await post(`https://127.0.0.1:${port}/v1/traces`)).status).toBe(200);
  expect((await post(`http://127.0.0.1:${port}/v1/traces`)).status).toBe(200);
  expect(taken).toEqual([2, 2]);
});

it.skipIf(outside === undefined)(
  "takes nothing in the clear from another address, says so and counts it",
  async () => {
    const { port, taken, refused } = await start("http", "0.0.0.0");
    const answer = await post(`http://${outside}:${port}/v1/traces`);
    expect(answer).toMatchObject({ status: 400, body: expect.stringMatching("takes https") });
    expect((await post(`https://${outside}:${port}/v1/traces`)).status).toBe(200);
    expect(taken).toEqual([2]);
    expect(refused("without_tls")).toBe(1);
  },
);

it("counts a handshake that fails, and closes without waiting for one that never comes", async () => {
  const { receiver, port, refused } = await start("http");
  const broken = connect(port, "127.0.0.1").resume();
  broken.on("error", () => {});
  broken.write(Buffer.from("160301000568656c6c6f", "hex"));
  await vi.waitFor(() => expect(refused("tls_failed")).toBe(1));
  const silent = connect(port, "127.0.0.1").resume();
  silent.on("error", () => {});
  await once(silent, "connect");
  const begun = performance.now();
  await receiver.close();
  expect(performance.now() - begun).toBeLessThan(5_000);
  silent.destroy();
});

it.each([
  ["https", { rejectUnauthorized: false }],
  ["http", {}],
])("takes OTLP/gRPC over %s", async (scheme, options) => {
  const { port, taken } = await start("grpc");
  const client = connectHttp2(`${scheme}://127.0.0.1:${port}`, options);
  expect(await exportOver(client)).toBe("0");
  client.close();
  expect(taken).toEqual([2]);
});

async function exportOver(client: ClientHttp2Session): Promise<unknown> {
  const stream = client.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), payload]));
  stream.resume();
  const [trailers] = await once(stream, "trailers");
  return trailers["grpc-status"];
}

const page = "https://shop.example.com";

function ask(port: number, method: string, origin: string) {
  return fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method,
    headers: {
      "content-type": "application/x-protobuf",
      origin,
      "access-control-request-method": "POST",
    },
    ...(method === "POST" && { body: payload }),
  });
}

it("lets pages of the origins that are set send from browsers, and no others", async () => {
  const { port, taken } = await start("http", "127.0.0.1", [page]);
  const preflight = await ask(port, "OPTIONS", page);
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe(page);
  expect(preflight.headers.get("access-control-allow-headers")).toMatch("content-type");
  const sent = await ask(port, "POST", page);
  expect([sent.status, sent.headers.get("access-control-allow-origin")]).toEqual([200, page]);
  expect(taken).toEqual([2]);

  const stranger = "https://evil.example.com";
  const asked = await ask(port, "OPTIONS", stranger);
  expect([asked.ok, asked.headers.get("access-control-allow-origin")]).toEqual([false, null]);
  const refused = await ask(port, "POST", stranger);
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  expect(taken).toEqual([2]);
});

it("lets no page send when none is set", async () => {
  const { port, taken } = await start("http");
  const asked = await ask(port, "OPTIONS", page);
  expect([asked.ok, asked.headers.get("access-control-allow-origin")]).toEqual([false, null]);
  expect((await ask(port, "POST", page)).status).toBe(403);
  expect(taken).toEqual([]);
});
