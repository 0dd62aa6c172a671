import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a receiver got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  readonly atMs: number;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/** A receiver on loopback that keeps what it gets and answers as it is told. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How the next requests are answered. */
  answer(next: Answer): void;
  close(): Promise<void>;
}

export async function startReceiver(first: Answer = respond(200, "ok")): Promise<Receiver> {
  let answer = first;
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const bytes = Buffer.concat(parts);
      const one: Received = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: bytes.toString("utf8"),
        bytes,
        atMs: Date.now(),
      };
      received.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    received,
    answer: (next) => void (answer = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Answers with a status and a body. */
export function respond(
  status: number,
  body = "",
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Closes the connection without an answer. */
export const reset: Answer = (response) => void response.socket?.destroy();

/** Takes the request and never answers. */
export const stall: Answer = () => undefined;

/** Begins an answer and never ends it. */
export const drip: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  response.write("o");
};

/** The port of a listener on an address. */
export function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("The receiver has no port.");
  return address.port;
}
