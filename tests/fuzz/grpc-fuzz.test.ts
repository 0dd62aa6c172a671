import type { IncomingHttpHeaders } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, it } from "vitest";

import { accessBy } from "#lib/receive/access.ts";
import { createGrpcReceiver } from "#lib/receive/grpc-receiver.ts";
import type { Intake } from "#lib/receive/intake.ts";
import { heldBytesOf, type Receiver } from "#lib/receive/receiver.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { soak } from "../soak.ts";
import { mutatedBytes, oneOf, randomBytes, randomOf } from "./mutate.ts";

const connections = 1_000 * soak;
const atOnce = 100;
/** Whoever sends half a frame is waited for; nobody waits for that here. */
const hangUpMs = 150;
const limits = { bodyBytesMax: 100_000, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 500 };
const metrics = createMetrics();
const held = heldBytesOf(limits);
const errors: unknown[] = [];
let receiver: Receiver;
let port: number;
let seeds: Buffer[];

const intake: Intake = {
  traces: () => Promise.resolve({ kind: "accepted", rejected: 0, message: "" }),
  accessLogs: () =>
    Promise.resolve({ kind: "accepted", answer: { accepted: 1, rejected: 0, rejections: [] } }),
};

beforeAll(async () => {
  const access = accessBy({ token: null, project: 1 });
  const at = { host: "127.0.0.1", port: 0 };
  receiver = createGrpcReceiver({
    ...at,
    intake,
    limits,
    held,
    access,
    metrics,
    onError: (error) => errors.push(error),
  });
  ({ port } = await receiver.listen());
  const message = Buffer.from("0a00", "hex");
  seeds = [
    await recorded({}, framed(0, message)),
    await recorded({ "grpc-encoding": "gzip" }, framed(1, gzipSync(message))),
    await recorded({ "grpc-timeout": "1S", "user-agent": "x".repeat(300) }, framed(0, message)),
    await recorded({ ":path": "/grpc.health.v1.Health/Check" }, framed(0, Buffer.alloc(0))),
    await recorded({}, framed(0, Buffer.alloc(40_000, 0x7f))),
  ];
});
afterAll(() => receiver.close());

it(
  "no bytes on the wire stop the listener for gRPC, are an error of its own, or leave anything held",
  async () => {
    expect(Buffer.concat(await exchange(seeds[0] ?? Buffer.alloc(0))).length).toBeGreaterThan(20);
    for (let seed = 0; seed < connections; seed += atOnce) {
      const together = Array.from({ length: atOnce }, (_, at) => {
        const random = randomOf(seed + at);
        const valid = oneOf(random, seeds, Buffer.alloc(0));
        // The preface stays whole mostly: without it nothing behind it is read.
        const kept = random(8) === 0 ? 0 : prefaceBytes;
        const rest = random(10) === 0 ? randomBytes(random, 400) : valid.subarray(kept);
        return exchange(Buffer.concat([valid.subarray(0, kept), mutatedBytes(rest, random)]));
      });
      await Promise.all(together);
    }
    expect(await statusOf(framed(0, Buffer.from("0a00", "hex")))).toBe("0");
    expect(errors).toEqual([]);
    await expect.poll(() => held.bytes, { timeout: 5_000 }).toBe(0);
  },
  120_000 * soak,
);

const prefaceBytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;

function framed(flag: number, message: Uint8Array): Buffer {
  const head = Buffer.from([flag, 0, 0, 0, 0]);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const call = {
  ":method": "POST",
  ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  "content-type": "application/grpc",
  te: "trailers",
};

/** What Node's client sends for a call, from its first byte on, to somebody who never answers. */
async function recorded(headers: Record<string, string>, body: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (part: Buffer) => parts.push(part)).on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const at = typeof address === "object" ? address?.port : address;
  const session = connectHttp2(`http://127.0.0.1:${at}`).on("error", () => undefined);
  const stream = session.request({ ...call, ...headers }).on("error", () => undefined);
  stream.end(body);
  while (Buffer.concat(parts).length < body.length + prefaceBytes) await sleep(5);
  await sleep(20);
  session.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
  return Buffer.concat(parts);
}

/** Sends the bytes, and gives what was answered until the connection was closed. */
function exchange(bytes: Uint8Array): Promise<Buffer[]> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const parts: Buffer[] = [];
    const timer = setTimeout(() => socket.destroy(), hangUpMs);
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(parts);
    });
    socket.write(bytes);
  });
}

/** The grpc-status of a call by Node's client. */
function statusOf(body: Buffer): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request(call);
  return new Promise((resolve, reject) => {
    const note = (headers: IncomingHttpHeaders): void => {
      const status = headers["grpc-status"];
      if (typeof status === "string") resolve(status);
    };
    stream.on("response", note).on("trailers", note).on("error", reject).resume().end(body);
    stream.once("close", () => session.close());
  });
}
