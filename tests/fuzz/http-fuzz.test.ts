import { connect } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import { afterAll, beforeAll, expect, it } from "vitest";

import { accessBy } from "#lib/receive/access.ts";
import type { Intake } from "#lib/receive/intake.ts";
import { createReceiver, type Receiver } from "#lib/receive/receiver.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { soak } from "../soak.ts";
import { mutatedBytes, oneOf, randomOf } from "./mutate.ts";

const requests = 1_000 * soak;
const atOnce = 20;
const metrics = createMetrics();
const errors: unknown[] = [];
let receiver: Receiver;
let port: number;

const intake: Intake = {
  traces: () => Promise.resolve({ kind: "accepted", rejected: 0, message: "" }),
  accessLogs: () =>
    Promise.resolve({ kind: "accepted", answer: { accepted: 1, rejected: 0, rejections: [] } }),
};

beforeAll(async () => {
  receiver = createReceiver({
    intake,
    host: "127.0.0.1",
    port: 0,
    limits: { bodyBytesMax: 100_000, heldBytesSoft: 1e6, heldBytesHard: 2e6, holdMsMax: 500 },
    access: accessBy({ token: null, project: 1 }),
    metrics,
    ready: () => Promise.resolve(true),
    onError: (error) => errors.push(error),
    timeouts: { headersMs: 500, requestMs: 1_000, standstillMs: 2_000 },
  });
  ({ port } = await receiver.listen());
});
afterAll(() => receiver.close());

const line = Buffer.from('1.1.1.1 - - [08/Dec/2021:09:16:05 +0000] "GET / HTTP/1.1" 200 5\n');
const seeds = [
  request("POST /v1/traces", "content-type: application/x-protobuf", Buffer.from("0a00", "hex")),
  request(
    "POST /v1/traces",
    "content-type: application/json\r\ncontent-encoding: gzip",
    gzipSync("{}"),
  ),
  request("POST /ingest/access-logs?proxy=a", "content-encoding: deflate", deflateSync(line)),
  request("POST /ingest/access-logs?proxy=a", "content-encoding: zstd", zstdCompressSync(line)),
  Buffer.from(
    "POST /ingest/access-logs?proxy=a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
  ),
  Buffer.from(
    "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\nGET /api/health HTTP/1.1\r\nhost: x\r\n\r\n",
  ),
];

it(
  "no bytes on the wire stop the listener, are an error of its own, or leave anything held",
  async () => {
    for (let seed = 0; seed < requests; seed += atOnce) {
      const together = Array.from({ length: atOnce }, (_, at) => {
        const random = randomOf(seed + at);
        return exchange(mutatedBytes(oneOf(random, seeds, line), random));
      });
      await Promise.all(together);
    }
    const [status] = await exchange(seeds[0] ?? line);
    expect(status).toBe(200);
    expect(errors).toEqual([]);
    await expect.poll(() => metrics.text(), { timeout: 5_000 }).toMatch(/_held_bytes 0\n/);
  },
  120_000 * soak,
);

/** Sends the bytes, and gives the statuses of what was answered until the connection was closed. */
function exchange(bytes: Uint8Array): Promise<number[]> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const parts: Buffer[] = [];
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      const text = Buffer.concat(parts).toString("latin1");
      resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status)));
    });
    socket.end(bytes);
  });
}

function request(target: string, headers: string, body: Buffer): Buffer {
  const head = `${target} HTTP/1.1\r\nhost: x\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
