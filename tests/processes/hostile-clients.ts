import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

const head = "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";

/** Connections that say nothing. */
export async function idle(port: number, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => open(port));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

/** Sends a request one byte a second until it is cut off; gives the status it was told, and after how long. */
export async function loris(port: number): Promise<{ status: number; seconds: number }> {
  const begun = performance.now();
  const socket = open(port);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  let at = 0;
  const timer = setInterval(() => socket.write(head[at++ % head.length] ?? ""), 1_000);
  await closed(socket);
  clearInterval(timer);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(parts).toString())?.[1] ?? 0);
  return { status, seconds: (performance.now() - begun) / 1_000 };
}

/** Asks and asks, and reads no answer; gives how to end it. */
export function deaf(port: number): () => void {
  const socket = open(port);
  socket.pause();
  const request = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100);
  const timer = setInterval(() => {
    if (socket.writableLength < 1 << 20) socket.write(request);
  }, 5);
  return () => {
    clearInterval(timer);
    socket.destroy();
  };
}

/** Is told to go on, sends half of its body, and resets its connection. */
export async function halfSent(port: number): Promise<void> {
  const socket = open(port);
  socket.write(`${head}expect: 100-continue\r\ncontent-length: 100000\r\n\r\n`);
  await once(socket, "data");
  socket.write("x".repeat(50_000));
  await sleep(20);
  socket.resetAndDestroy();
}

/** The status for headers of 100 kB; 0 when the reset came before it could be read. */
export async function largeHeaders(port: number): Promise<number> {
  const socket = open(port);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  socket.write(`${head}x-large: ${"y".repeat(100_000)}\r\n\r\n`);
  await closed(socket);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(parts).toString())?.[1] ?? 0);
}

/** A small body for each encoding, which inflates to so many zeros. */
export function bombs(bytes: number): readonly (readonly [encoding: string, body: Buffer])[] {
  const zeros = Buffer.alloc(bytes);
  return [
    ["gzip", gzipSync(zeros, { level: 1 })],
    ["deflate", deflateSync(zeros, { level: 1 })],
    ["zstd", zstdCompressSync(zeros)],
  ];
}

/** The status for a compressed body. */
export async function sendCompressed(url: string, encoding: string, body: Buffer): Promise<number> {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", "content-encoding": encoding },
    body: new Uint8Array(body),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Unlike `once`, however it closed. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("close", () => resolve()));
}

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}
