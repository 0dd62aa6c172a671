import { connect, type Socket } from "node:net";

import { keepCalling, type Caller, type Sending, type SendingResult } from "./sending.ts";

/**
 * Sends requests over kept connections, one after another on each, until the time is over.
 * Speaks just enough HTTP/1.1 that the client costs next to nothing beside the server.
 */
export function sendOverHttp(sending: Sending): Promise<SendingResult> {
  return keepCalling({ ...sending, streams: 1 }, async () => {
    const connection = new Connection(sending);
    await connection.opened;
    return connection;
  });
}

/** A body of as many bytes is copied behind its head: one write of both costs less than two. */
const copiedBytesMax = 16_384;
const headBytesMax = 1024;
const endOfHead = Buffer.from("\r\n\r\n");

class Connection implements Caller {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  readonly #headStart: string;
  readonly #small = Buffer.allocUnsafe(headBytesMax + copiedBytesMax);
  #received: Buffer | null = null;
  #under: { resolve: (accepted: boolean) => void; reject: (error: Error) => void } | null = null;

  constructor({ port, path, headers }: Sending) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#headStart = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("")}content-length: `;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once("connect", resolve);
      this.#socket.once("error", reject);
    });
    this.#socket.on("error", (error) => this.#under?.reject(error));
    this.#socket.on("close", () => this.#under?.reject(new Error("the server hung up")));
    this.#socket.on("data", (chunk) => this.#receive(chunk));
  }

  call(body: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#under = { resolve, reject };
      const head = `${this.#headStart}${body.length}\r\n\r\n`;
      if (body.length > copiedBytesMax) this.#writeBoth(head, body);
      else this.#socket.write(this.#joined(head, body));
    });
  }

  close(): void {
    this.#under = null;
    this.#socket.destroy();
  }

  #joined(head: string, body: Buffer): Buffer {
    const length = this.#small.write(head, "latin1");
    body.copy(this.#small, length);
    return this.#small.subarray(0, length + body.length);
  }

  #writeBoth(head: string, body: Buffer): void {
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #receive(chunk: Buffer): void {
    const received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = received;
    const end = received.indexOf(endOfHead);
    if (end < 0) return;
    const head = received.toString("latin1", 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (received.length < end + endOfHead.length + length) return;
    const accepted = head.startsWith("HTTP/1.1 20");
    this.#received = null;
    if (this.#socket.writableLength === 0) return this.#under?.resolve(accepted);
    // Refused before all of it was read: the body may be overwritten only when it has left.
    this.#socket.write("", () => this.#under?.resolve(accepted));
  }
}
