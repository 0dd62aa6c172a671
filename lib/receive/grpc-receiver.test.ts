import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { connect as connectTcp } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { afterEach, expect, it } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";

import { accessBy } from "./access.ts";
import { createGrpcReceiver, type GrpcReceiverOptions } from "./grpc-receiver.ts";
import type { IngestRequest, IngestResult, Intake } from "./intake.ts";
import { heldBytesOf, type Receiver } from "./receiver.ts";

const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const limits = { bodyBytesMax: 100_000, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 200 };
const fine: IngestResult = { kind: "accepted", rejected: 0, message: "" };
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Call {
  readonly headers?: Record<string, string>;
  readonly frames?: readonly Buffer[];
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function start(
  result: IngestResult | Error | (() => Promise<IngestResult>) = fine,
  options: Partial<GrpcReceiverOptions> = {},
) {
  const taken: { message: Buffer; request: IngestRequest }[] = [];
  const intake: Intake = {
    traces(payload, _, request) {
      taken.push({ message: Buffer.from(payload), request });
      if (result instanceof Error) return Promise.reject(result);
      return typeof result === "function" ? result() : Promise.resolve(result);
    },
    accessLogs: () => Promise.reject(new Error("not over gRPC")),
  };
  const receiver: Receiver = createGrpcReceiver({
    intake,
    host: "127.0.0.1",
    port: 0,
    limits,
    held: heldBytesOf(limits),
    access: accessBy({ token: null, project: 1 }),
    metrics: createMetrics(),
    onError: () => {},
    ...options,
  });
  const { port } = await receiver.listen();
  ends.push(() => receiver.close());
  const client = connect(`http://127.0.0.1:${port}`);
  client.on("error", () => {});
  ends.push(() => client.destroy());
  return { receiver, client, port, taken, call: (values: Call) => send(client, values) };
}

function send(client: ClientHttp2Session, { headers = {}, frames = [] }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    const answer = { headers: {}, trailers: {} };
    const parts: Buffer[] = [];
    stream.on("response", (values) => (answer.headers = values));
    stream.on("trailers", (values) => (answer.trailers = values));
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => resolve({ ...answer, body: Buffer.concat(parts) }));
    stream.on("error", reject);
    for (const frame of frames) stream.write(frame);
    stream.end();
  });
}

function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const payload = Buffer.from("0a00", "hex");
const large = Buffer.alloc(limits.bodyBytesMax);

it("G8 an accepted call is answered with an empty message and status 0", async () => {
  const { call, taken } = await start();
  const answer = await call({ frames: [framed(payload)] });
  expect(answer.headers).toMatchObject({ ":status": 200, "content-type": "application/grpc" });
  expect([answer.body.toString("hex"), answer.trailers["grpc-status"]]).toEqual([
    "0000000000",
    "0",
  ]);
  expect(taken[0]?.message).toEqual(payload);
  expect(await taken[0]?.request.delivered).toBe(true);
});

it("P3 rejected spans are told in the response", async () => {
  const { call } = await start({ kind: "accepted", rejected: 3, message: "no" });
  const answer = await call({ frames: [framed(payload)] });
  expect(answer.body.toString("hex")).toBe("00000000080a06080312026e6f");
});

it.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["zstd", zstdCompressSync],
] as const)(
  "G5 a message compressed with %s is handed on inflated, one that is not stays",
  async (encoding, compress) => {
    const { call, taken } = await start();
    const headers = { "grpc-encoding": encoding };
    await call({ headers, frames: [framed(compress(payload), 1)] });
    await call({ headers, frames: [framed(payload, 0)] });
    expect(taken.map((item) => item.message)).toEqual([payload, payload]);
  },
);

it("G6 a message in many frames is one, and the largest that is allowed is taken", async () => {
  const { call, taken } = await start();
  const bytes = framed(large);
  const frames = [
    bytes.subarray(0, 3),
    bytes.subarray(3, 7),
    bytes.subarray(7, 90_000),
    bytes.subarray(90_000),
  ];
  expect((await call({ frames })).trailers["grpc-status"]).toBe("0");
  expect(taken[0]?.message.length).toBe(large.length);
});

it("G6 a hundred calls at once on one connection are all answered", async () => {
  const { call } = await start(() => new Promise((resolve) => setTimeout(resolve, 20, fine)));
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => call({ frames: [framed(payload)] })),
  );
  expect(answers.map((answer) => answer.trailers["grpc-status"])).toEqual(Array(100).fill("0"));
});

const tooLarge = framed(Buffer.alloc(limits.bodyBytesMax + 1));

it.each<[string, Call, string, RegExp]>([
  ["G1 an unknown method", { headers: { ":path": "/x.Y/Z" } }, "12", /traces/],
  ["G2 a message that is too large", { frames: [tooLarge] }, "8", /larger/],
  [
    "G2 one that is too large when inflated",
    { headers: { "grpc-encoding": "gzip" }, frames: [framed(gzipSync(tooLarge), 1)] },
    "8",
    /larger/,
  ],
  [
    "G5 an unknown encoding",
    { headers: { "grpc-encoding": "snappy" }, frames: [framed(payload)] },
    "12",
    /snappy/,
  ],
  [
    "G5 compression that is not named",
    { frames: [framed(gzipSync(payload), 1)] },
    "13",
    /grpc-encoding/,
  ],
  [
    "a message that is no gzip",
    { headers: { "grpc-encoding": "gzip" }, frames: [framed(payload, 1)] },
    "3",
    /gzip/,
  ],
  ["no message", {}, "13", /one gRPC message/],
  ["two messages", { frames: [framed(payload), framed(payload)] }, "13", /one gRPC message/],
  [
    "a message that is cut off",
    { frames: [framed(payload).subarray(0, 6)] },
    "13",
    /one gRPC message/,
  ],
  [
    "a page in a browser",
    { headers: { origin: "https://evil.example" }, frames: [framed(payload)] },
    "7",
    /Browsers/,
  ],
])("%s is refused for good", async (_, values, status, message) => {
  const { call, taken } = await start();
  const { headers } = await call(values);
  expect(headers).toMatchObject({ ":status": 200, "grpc-status": status });
  expect(decodeURIComponent(String(headers["grpc-message"]))).toMatch(message);
  const details = Buffer.from(
    String(headers["grpc-status-details-bin"] ?? ""),
    "base64",
  ).toString();
  expect(details).not.toContain("RetryInfo");
  expect(taken).toEqual([]);
});

it("G1 what is no gRPC is 415", async () => {
  const { call } = await start();
  const answer = await call({ headers: { "content-type": "application/json" } });
  expect(answer.headers[":status"]).toBe(415);
});

it.each<[string, IngestResult | Error, string, string]>([
  ["G4 bad data", { kind: "invalid", message: "No." }, "3", "google.rpc.BadRequest"],
  [
    "G3 overload",
    { kind: "busy", retryAfterSeconds: 2, message: "Wait." },
    "14",
    "google.rpc.RetryInfo",
  ],
  ["an error nobody foresaw", new Error("secret"), "14", "google.rpc.RetryInfo"],
])("%s is answered as senders understand it", async (_, result, status, detail) => {
  const { call } = await start(result);
  const { headers } = await call({ frames: [framed(payload)] });
  expect(headers["grpc-status"]).toBe(status);
  const details = Buffer.from(String(headers["grpc-status-details-bin"]), "base64").toString();
  expect(details).toContain(detail);
  expect(details).not.toContain("secret");
});

it("the words of a refusal are readable, whatever they are", async () => {
  const { call } = await start({ kind: "invalid", message: "50 % of 'a: b' is «no\ud800»\n." });
  const { headers } = await call({ frames: [framed(payload)] });
  expect(headers["grpc-message"]).toBe("50 %25 of 'a: b' is %C2%ABno%EF%BF%BD%C2%BB%0A.");
});

it("a token that is set must be shown", async () => {
  const { call } = await start(fine, { access: accessBy({ token: "s3cret", project: 1 }) });
  expect((await call({ frames: [framed(payload)] })).headers["grpc-status"]).toBe("16");
  const headers = { authorization: "Bearer s3cret" };
  expect((await call({ headers, frames: [framed(payload)] })).trailers["grpc-status"]).toBe("0");
});

it("above the soft mark a call waits no longer than it has time, and is told to come back", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const held = heldBytesOf({ ...limits, heldBytesSoft: 10 });
  const { call, taken } = await start(() => gate.promise, {
    held,
    limits: { ...limits, holdMsMax: 5_000 },
  });
  const first = call({ frames: [framed(large)] });
  while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const before = Date.now();
  const second = await call({ headers: { "grpc-timeout": "200m" }, frames: [framed(payload)] });
  expect(second.headers["grpc-status"]).toBe("14");
  expect(Date.now() - before).toBeLessThan(1_000);
  gate.resolve(fine);
  expect((await first).trailers["grpc-status"]).toBe("0");
});

it("G6 a call that is cancelled leaves nothing held, before or after its message is whole", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const held = heldBytesOf(limits);
  const { client, taken } = await start(() => gate.promise, { held });
  const head = { ":method": "POST", ":path": path, "content-type": "application/grpc" };
  const [partly, whole] = [client.request(head), client.request(head)];
  for (const stream of [partly, whole]) stream.on("error", () => {});
  partly.write(framed(payload).subarray(0, 6));
  whole.end(framed(payload));
  while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(held.bytes).toBeGreaterThan(0);
  partly.close(8);
  whole.close(8);
  expect(await taken[0]?.request.delivered).toBe(false);
  gate.resolve(fine);
  await expect.poll(() => held.bytes).toBe(0);
});

it("E8 closing answers what was begun and then is closed", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const { call, taken, receiver, client } = await start(() => gate.promise);
  const first = call({ frames: [framed(payload)] });
  while (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const goaway = new Promise((resolve) => client.once("goaway", resolve));
  const closed = receiver.close();
  await goaway;
  gate.resolve(fine);
  expect((await first).trailers["grpc-status"]).toBe("0");
  await closed;
});

it("connections that do nothing, with or without HTTP/2, do not keep others out", async () => {
  const { port, call } = await start();
  const idle = Array.from({ length: 1_100 }, () => connectTcp(port, "127.0.0.1"));
  for (const socket of idle) socket.on("error", () => {});
  await Promise.all(idle.map((socket) => once(socket, "connect")));
  expect((await call({ frames: [framed(payload)] })).trailers["grpc-status"]).toBe("0");
  const other = connect(`http://127.0.0.1:${port}`);
  expect((await send(other, { frames: [framed(payload)] })).trailers["grpc-status"]).toBe("0");
  other.destroy();
  for (const socket of idle) socket.destroy();
});
