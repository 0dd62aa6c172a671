import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { afterEach, expect, it } from "vitest";

import { createMetrics } from "#lib/telemetry/metrics.ts";

import { accessBy } from "./access.ts";
import type { IngestRequest, IngestResult, Intake } from "./intake.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "./receiver.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array | string;
  /** Sent one after the other, chunked. */
  readonly chunks?: readonly Uint8Array[];
}

interface Taken {
  readonly payload: Buffer;
  readonly encoding: string;
  readonly request: IngestRequest;
}

const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json" };
const limit = 1000;
const metrics = createMetrics();
const started: Receiver[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((receiver) => receiver.close()));
});

const fine: IngestResult = { kind: "accepted", rejected: 0, message: "" };

/** A receiver whose intake answers as told and keeps what it was given. */
async function start(
  result: IngestResult | Error | (() => Promise<IngestResult>) = fine,
  options: Partial<ReceiverOptions> = {},
) {
  const taken: Taken[] = [];
  const intake: Intake = {
    traces(payload, encoding, request) {
      taken.push({ payload: Buffer.from(payload), encoding, request });
      if (result instanceof Error) return Promise.reject(result);
      return typeof result === "function" ? result() : Promise.resolve(result);
    },
    accessLogs(payload, query, request) {
      taken.push({ payload: Buffer.from(payload), encoding: query.toString(), request });
      const rejections = [{ line: 2, reason: "The line has no request." }];
      return Promise.resolve({
        kind: "accepted",
        answer: { accepted: 1, rejected: 1, rejections },
      });
    },
  };
  const errors: unknown[] = [];
  const receiver = createReceiver({
    intake,
    host: "127.0.0.1",
    port: 0,
    limits: { bodyBytesMax: limit, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 300 },
    access: accessBy({ token: null, project: 1 }),
    metrics,
    ready: () => Promise.resolve(true),
    onError: (error) => errors.push(error),
    ...options,
  });
  started.push(receiver);
  const { port } = await receiver.listen();
  return { receiver, port, taken, errors, send: (call: Call) => sendTo(port, call) };
}

function sendTo(port: number, call: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "POST", path = "/v1/traces", headers = protobuf, body, chunks } = call;
    const request = httpRequest({ port, host: "127.0.0.1", method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
        }),
      );
    });
    request.on("error", reject);
    for (const chunk of chunks ?? []) request.write(chunk);
    request.end(body);
  });
}

/** The fields of a flat protobuf message: numbers as they are, the rest as text. */
function fieldsOf(body: Buffer): Record<number, number | string> {
  const fields: Record<number, number | string> = {};
  let at = 0;
  while (at < body.length) {
    const tag = body[at] ?? 0;
    const low = body[at + 1] ?? 0;
    const long = low > 0x7f;
    const value = long ? (low & 0x7f) + (body[at + 2] ?? 0) * 128 : low;
    at += long ? 3 : 2;
    if ((tag & 7) === 0) {
      fields[tag >> 3] = value;
    } else {
      fields[tag >> 3] = body.subarray(at, at + value).toString("latin1");
      at += value;
    }
  }
  return fields;
}

const payload = Buffer.from("0a00", "hex");
const tooMuch = Buffer.alloc(limit + 1);
const exact = Buffer.alloc(limit);

it.each<[string, Call, number, string]>([
  ["P1 a protobuf request that is accepted", { body: payload }, 200, ""],
  ["P1 a JSON request that is accepted", { headers: json, body: "{}" }, 200, "{}"],
  ["P2 an empty protobuf request", { body: "" }, 200, ""],
  [
    "T2 JSON with a charset",
    { headers: { "content-type": "application/json; charset=utf-8" }, body: "{}" },
    200,
    "{}",
  ],
  [
    "T2 JSON in capitals",
    { headers: { "content-type": "APPLICATION/JSON" }, body: "{}" },
    200,
    "{}",
  ],
  ["T5 a chunked body", { chunks: [payload, payload] }, 200, ""],
  [
    "T7 Expect: 100-continue",
    { headers: { ...protobuf, expect: "100-continue" }, body: payload },
    200,
    "",
  ],
  [
    "Z2 identity",
    { headers: { ...protobuf, "content-encoding": "identity" }, body: payload },
    200,
    "",
  ],
  ["Z5 a body of exactly the limit", { body: exact }, 200, ""],
  ["Z5 a chunked body of exactly the limit", { chunks: [exact] }, 200, ""],
])("%s is answered 200 in the encoding it came in", async (_, call, status, body) => {
  const { send } = await start();
  const answer = await send(call);
  expect([answer.status, answer.body.toString()]).toEqual([status, body]);
  const sent = call.headers?.["content-type"] ?? protobuf["content-type"];
  expect(answer.headers["content-type"]).toBe(sent.split(";")[0]?.toLowerCase());
});

const compressions = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync };
const encodings = Object.entries(compressions);

it.each(encodings)("Z1 a body compressed with %s is handed on inflated", async (name, compress) => {
  const { send, taken } = await start();
  const headers = { ...protobuf, "content-encoding": name };
  expect((await send({ headers, body: compress(payload) })).status).toBe(200);
  expect((await send({ headers, body: compress(exact) })).status).toBe(200);
  expect(taken.map((item) => item.payload)).toEqual([payload, exact]);
});

it.each(encodings)("Z5 a %s body that inflates beyond the limit is 413", async (name, compress) => {
  const { send, taken } = await start();
  const headers = { ...json, "content-encoding": name };
  for (const size of [limit + 1, 50_000_000]) {
    const answer = await send({ headers, body: compress(Buffer.alloc(size)).subarray(0, limit) });
    // What is cut off to fit the wire limit is damaged at its end, which inflating never reaches.
    expect(answer.status).toBe(413);
  }
  expect(taken).toEqual([]);
});

it("Z5 a bomb stops at the limit also where it is inflated on the thread pool", async () => {
  const limits = {
    bodyBytesMax: 4_000_000,
    heldBytesSoft: 1e8,
    heldBytesHard: 1e8,
    holdMsMax: 300,
  };
  const { send, taken } = await start(fine, { limits });
  for (const [name, compress] of encodings) {
    const headers = { ...protobuf, "content-encoding": name };
    const bomb = compress(Buffer.alloc(200_000_000));
    expect(bomb.length).toBeLessThan(250_000);
    expect((await send({ headers, body: bomb })).status).toBe(413);
    expect((await send({ headers, body: compress(Buffer.alloc(4_000_001)) })).status).toBe(413);
    expect((await send({ headers, body: compress(Buffer.alloc(4_000_000)) })).status).toBe(200);
  }
  expect(taken.map((item) => item.payload.length)).toEqual([4_000_000, 4_000_000, 4_000_000]);
}, 20_000);

it.each<[string, Call, number]>([
  [
    "Z3 an unknown Content-Encoding",
    { headers: { ...protobuf, "content-encoding": "br2" }, body: payload },
    415,
  ],
  ["Z5 a declared length above the limit", { body: tooMuch }, 413],
  ["Z5 a chunked body above the limit", { chunks: [exact, Buffer.alloc(1)] }, 413],
  ["T1 a signal that is not taken", { path: "/v1/logs", body: payload }, 404],
  ["T1 metrics", { path: "/v1/metrics", body: payload }, 404],
  ["T1 profiles", { path: "/v1development/profiles", body: payload }, 404],
  ["T4 GET", { method: "GET" }, 405],
  ["T7 HEAD", { method: "HEAD" }, 405],
  ["T7 OPTIONS", { method: "OPTIONS" }, 405],
  [
    "a page in a browser",
    { headers: { ...protobuf, origin: "https://evil.example" }, body: payload },
    403,
  ],
  ...encodings.flatMap(([name, compress]): [string, Call, number][] => {
    const headers = { ...protobuf, "content-encoding": name };
    const good = compress(exact);
    return [
      [`Z4 a body that is no ${name}`, { headers, body: "not compressed" }, 400],
      [`Z4 ${name} that is cut off`, { headers, body: good.subarray(0, good.length - 5) }, 400],
      [`Z4 ${name} of nothing`, { headers, body: "" }, 400],
    ];
  }),
])("E1 %s is refused with a Status in protobuf", async (_, call, status) => {
  const { send, taken } = await start();
  const answer = await send(call);
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/x-protobuf");
  const { 2: message = "", 3: details = "" } = fieldsOf(answer.body);
  // The answer to HEAD has no body.
  expect(/[.;]/.test(String(message))).toBe(call.method !== "HEAD");
  expect(String(details).includes("google.rpc.BadRequest")).toBe(status === 400);
  expect(taken).toEqual([]);
});

it.each<[string, Record<string, string>]>([
  ["no Content-Type", {}],
  ["an unknown Content-Type", { "content-type": "text/plain" }],
])("T4 %s is 415 with a Status in JSON", async (_, headers) => {
  const { send, taken } = await start();
  const answer = await send({ headers, body: "x" });
  expect([answer.status, answer.headers["content-type"]]).toEqual([415, "application/json"]);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 3, message: /Content-Type/ });
  expect(taken).toEqual([]);
});

it("T7 an unknown path is 404", async () => {
  const { send } = await start();
  expect((await send({ path: "/nowhere", body: payload })).status).toBe(404);
});

it("logs are taken where something is made of them", async () => {
  const intake: Intake = {
    traces: () => Promise.reject(new Error("not sent here")),
    accessLogs: () => Promise.reject(new Error("not sent here")),
    logs: () => Promise.resolve({ kind: "accepted", rejected: 2, message: "No." }),
  };
  const { send } = await start(fine, { intake });
  const answer = await send({ path: "/v1/logs", headers: json, body: "{}" });
  expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([
    200,
    { partialSuccess: { rejectedLogRecords: "2", errorMessage: "No." } },
  ]);
});

it("P3 rejected items are told in both encodings, with status 200", async () => {
  const { send } = await start({ kind: "accepted", rejected: 3, message: "No ids." });
  const binary = await send({ body: payload });
  const partial = fieldsOf(Buffer.from(String(fieldsOf(binary.body)[1]), "latin1"));
  expect([binary.status, partial]).toEqual([200, { 1: 3, 2: "No ids." }]);
  const text = await send({ headers: json, body: "{}" });
  expect([text.status, JSON.parse(text.body.toString())]).toEqual([
    200,
    { partialSuccess: { rejectedSpans: "3", errorMessage: "No ids." } },
  ]);
});

it("P4 a warning is told with nothing rejected", async () => {
  const { send } = await start({ kind: "accepted", rejected: 0, message: "Old names." });
  const answer = await send({ headers: json, body: "{}" });
  expect(JSON.parse(answer.body.toString())).toEqual({
    partialSuccess: { errorMessage: "Old names." },
  });
});

it("Z7 an endless explanation is cut", async () => {
  const { send } = await start({ kind: "invalid", message: "x".repeat(5_000_000) });
  expect((await send({ headers: json, body: "{}" })).body.length).toBeLessThan(20_000);
});

it.each<[string, IngestResult | Error, number, string | undefined, number]>([
  ["E2 what cannot be read", { kind: "invalid", message: "No." }, 400, undefined, 3],
  ["E4 overload", { kind: "busy", retryAfterSeconds: 2, message: "Wait." }, 503, "2", 14],
  [
    "E4 overload for no time",
    { kind: "busy", retryAfterSeconds: 0, message: "Wait." },
    503,
    "1",
    14,
  ],
  ["E3 an error nobody foresaw", new Error("secret"), 503, "2", 14],
])("%s is answered as senders understand it", async (_, result, status, retryAfter, code) => {
  const { send } = await start(result);
  const answer = await send({ headers: json, body: "{}" });
  expect([answer.status, answer.headers["retry-after"]]).toEqual([status, retryAfter]);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ code });
  expect(answer.body.toString()).not.toContain("secret");
});

it("tells an error nobody foresaw to the one who started it", async () => {
  const error = new Error("secret");
  const { send, errors } = await start(error);
  await send({ body: payload });
  expect(errors).toEqual([error]);
});

it("access logs come with their query and are answered in JSON", async () => {
  const { send, taken } = await start();
  const path = "/ingest/access-logs?format=nginx&proxy=edge";
  const answer = await send({ path, headers: {}, body: "line 1\nline 2" });
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
  expect(JSON.parse(answer.body.toString())).toEqual({
    accepted: 1,
    rejected: 1,
    rejections: [{ line: 2, reason: "The line has no request." }],
  });
  expect(taken[0]?.encoding).toBe("format=nginx&proxy=edge");
});

it("access logs are refused with problem details", async () => {
  const { send } = await start();
  const answer = await send({ path: "/ingest/access-logs", headers: {}, body: tooMuch });
  expect([answer.status, answer.headers["content-type"]]).toEqual([
    413,
    "application/problem+json",
  ]);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 413 });
});

it("the digest is the same for the same body at the same address, and only then", async () => {
  const { send, taken } = await start();
  const gzip = { ...protobuf, "content-encoding": "gzip" };
  await send({ body: payload });
  await send({ body: payload });
  await send({ path: "/v1/traces?x=1", body: payload });
  await send({ headers: gzip, body: gzipSync(payload) });
  const digests = taken.map((item) => item.request.digest);
  expect(digests[0]).toMatch(/^[0-9a-f]{40}$/);
  expect(digests[1]).toBe(digests[0]);
  expect(new Set(digests).size).toBe(3);
  expect(taken[3]?.request.wireBytes).toBe(gzipSync(payload).length);
});

it.each<[string, string | undefined, number]>([
  ["the token", "Bearer s3cret", 200],
  ["the token under a small scheme", "bearer s3cret", 200],
  ["no token", undefined, 401],
  ["another token", "Bearer other", 401],
  ["a beginning of the token", "Bearer s3cre", 401],
  ["another scheme", "Basic s3cret", 401],
])("E6 with a token set, %s is taken or refused with 401", async (_, authorization, status) => {
  const { send } = await start(fine, { access: accessBy({ token: "s3cret", project: 1 }) });
  const headers = { ...protobuf, ...(authorization !== undefined && { authorization }) };
  const answer = await send({ headers, body: payload });
  expect(answer.status).toBe(status);
  const refused = status === 401;
  expect(answer.headers["www-authenticate"]).toBe(refused ? "Bearer" : undefined);
  expect(fieldsOf(answer.body)[1]).toBe(refused ? 16 : undefined);
});

it("health, readiness and metrics are answered beside", async () => {
  let ready = true;
  const { send } = await start(fine, { ready: () => Promise.resolve(ready) });
  const get = (path: string) => send({ method: "GET", path, headers: {} });
  expect((await get("/api/health")).status).toBe(200);
  expect((await get("/api/ready")).status).toBe(200);
  ready = false;
  expect((await get("/api/ready")).status).toBe(503);
  expect((await get("/metrics")).body.toString()).toContain("viascope_receive_held_bytes");
});

it("metrics ask for the token where one is set, health does not", async () => {
  const { send } = await start(fine, { access: accessBy({ token: "s3cret", project: 1 }) });
  expect((await send({ method: "GET", path: "/metrics", headers: {} })).status).toBe(401);
  expect((await send({ method: "GET", path: "/api/health", headers: {} })).status).toBe(200);
});

it("above the soft mark a request waits, and is taken when another is done", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const limits = { bodyBytesMax: limit, heldBytesSoft: 10, heldBytesHard: 5_000, holdMsMax: 5_000 };
  const { send, taken } = await start(() => gate.promise, { limits });
  const first = send({ body: exact });
  await until(() => taken.length === 1);
  const second = send({ body: payload });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(taken.length).toBe(1);
  gate.resolve(fine);
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
});

it("a request that waited too long is 503 with a short delay", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const limits = { bodyBytesMax: limit, heldBytesSoft: 10, heldBytesHard: 5_000, holdMsMax: 100 };
  const { send, taken } = await start(() => gate.promise, { limits });
  const first = send({ body: exact });
  await until(() => taken.length === 1);
  const answer = await send({ body: payload });
  expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "1"]);
  gate.resolve(fine);
  expect((await first).status).toBe(200);
  expect((await send({ body: payload })).status).toBe(200);
});

it("above the hard mark a body that was begun is 503 too", async () => {
  const limits = { bodyBytesMax: limit, heldBytesSoft: 500, heldBytesHard: 999, holdMsMax: 100 };
  const { send } = await start(fine, { limits });
  expect((await send({ chunks: [exact] })).status).toBe(503);
  expect((await send({ body: payload })).status).toBe(200);
});

it.each(encodings)(
  "above the hard mark a %s body is inflated no further, and leaves nothing held",
  async (name, compress) => {
    const own = createMetrics();
    const limits = {
      bodyBytesMax: 8_000_000,
      heldBytesSoft: 1e6,
      heldBytesHard: 3_000_000,
      holdMsMax: 100,
    };
    const { send, taken } = await start(fine, { limits, metrics: own });
    const headers = { ...protobuf, "content-encoding": name };
    const answer = await send({ headers, body: compress(Buffer.alloc(6_000_000)) });
    expect([answer.status, taken]).toEqual([503, []]);
    await until(() => reading(own, "viascope_receive_held_bytes") === 0);
  },
);

it("a sender that goes away leaves nothing held, whenever it goes", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const own = createMetrics();
  const { port, taken } = await start(() => gate.promise, { metrics: own });
  const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";
  const whole = open(port, `${head}content-length: 2\r\n\r\n\n\0`);
  const partly = open(port, `${head}content-length: 900\r\n\r\nhalf`);
  await until(() => taken.length === 1 && reading(own, "viascope_receive_running_requests") === 2);
  partly.destroy();
  await until(() => reading(own, "viascope_receive_running_requests") === 1);
  whole.destroy();
  expect(await taken[0]?.request.delivered).toBe(false);
  gate.resolve(fine);
  await until(() => reading(own, "viascope_receive_running_requests") === 0);
  expect(reading(own, "viascope_receive_held_bytes")).toBe(0);
});

it("a delivered answer is told as delivered", async () => {
  const { send, taken } = await start();
  await send({ body: payload });
  expect(await taken[0]?.request.delivered).toBe(true);
});

it("a body under an Idempotency-Key is known by its key", async () => {
  const { send, taken } = await start();
  const keyed = (key: string) =>
    send({ headers: { ...protobuf, "idempotency-key": key }, body: payload });
  expect((await keyed("a")).status).toBe(200);
  await keyed("a");
  await keyed("b");
  const digests = taken.map(({ request }) => request.digest);
  expect(digests[0]).toBe(digests[1]);
  expect(digests[2]).not.toBe(digests[0]);
  expect(taken.map(({ request }) => request.hasKey)).toEqual([true, true, true]);
});

it("E8 closing answers what was begun, takes nothing more, and then is closed", async () => {
  const gate = Promise.withResolvers<IngestResult>();
  const { send, taken, receiver } = await start(() => gate.promise);
  const first = send({ body: payload });
  await until(() => taken.length === 1);
  const closed = receiver.close();
  await expect(send({ body: payload })).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  gate.resolve(fine);
  const answer = await first;
  expect([answer.status, answer.headers.connection]).toEqual([200, "close"]);
  await closed;
  expect(taken.length).toBe(1);
});

it.each([
  ["garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  [
    "a broken chunk",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  ],
  [
    "two lengths",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
  ],
])("%s on the wire closes that connection and no other", async (_, text) => {
  const { port, send } = await start();
  const socket = open(port, text);
  await new Promise((resolve) => socket.once("close", resolve));
  expect((await send({ body: payload })).status).toBe(200);
});

it.each([
  ["headers that never end", "POST /v1/traces HTTP/1.1\r\nhost: x\r\n", "x: y\r\n"],
  [
    "a body that drips",
    "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n",
    "x",
  ],
])("%s end with 408 in bounded time, and leave nothing held", async (_, text, drip) => {
  const own = createMetrics();
  const timeouts = { headersMs: 100, requestMs: 200, standstillMs: 1_000 };
  const { port, taken } = await start(fine, { timeouts, metrics: own });
  const socket = open(port, text);
  const timer = setInterval(() => socket.write(drip), 20);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 408 /);
  expect(taken).toEqual([]);
  await until(() => reading(own, "viascope_receive_held_bytes") === 0);
});

it("a sender that asks on and on without taking answers is cut off and counted", async () => {
  const own = createMetrics();
  const { port, send } = await start(fine, { metrics: own });
  const socket = open(port, "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000));
  socket.pause();
  await new Promise((resolve) => socket.once("close", resolve));
  expect(own.text()).toContain('{route="unread",outcome="answers_not_taken"} 1');
  expect((await send({ body: payload })).status).toBe(200);
});

it("a connection on which nothing moves is closed, though its answer was not taken", async () => {
  const timeouts = { headersMs: 1_000, requestMs: 1_000, standstillMs: 100 };
  const gate = Promise.withResolvers<IngestResult>();
  const { port, send, taken } = await start(() => gate.promise, { timeouts });
  const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";
  const socket = open(port, `${head}content-length: 2\r\n\r\n\n\0`);
  await new Promise((resolve) => socket.once("close", resolve));
  expect(await taken[0]?.request.delivered).toBe(false);
  gate.resolve(fine);
  expect((await send({ body: payload })).status).toBe(200);
});

it.each([
  [
    "headers that are too large",
    `GET / HTTP/1.1\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
    "431",
    "headers_too_large",
  ],
  ["what is no HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", "400", "not_http"],
])("%s are answered and counted", async (_, text, status, outcome) => {
  const own = createMetrics();
  const { port } = await start(fine, { metrics: own });
  const socket = open(port, text);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await new Promise((resolve) => socket.once("close", resolve));
  expect(Buffer.concat(parts).toString()).toContain(`HTTP/1.1 ${status} `);
  expect(own.text()).toContain(`{route="unread",outcome="${outcome}"} 1`);
});

it("connections that do nothing do not keep others out", async () => {
  const { port, send } = await start();
  const idle = Array.from({ length: 2_200 }, () => open(port, ""));
  // Of so many the kernel drops the first packet of some, and sends it again after one second, three, and seven.
  await Promise.all(idle.map((socket) => once(socket, "connect")));
  expect((await send({ body: payload })).status).toBe(200);
  for (const socket of idle) socket.destroy();
}, 30_000);

function open(port: number, text: string) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.write(Buffer.from(text, "latin1"));
  return socket;
}

function reading(own: ReturnType<typeof createMetrics>, name: string): number | undefined {
  return own.readings().find((item) => item.name === name)?.value;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
