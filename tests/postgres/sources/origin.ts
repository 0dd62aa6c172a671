import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** What a proxy is put in front of: it answers by the words of the path. */
export interface Origin {
  readonly port: number;
  stop(): Promise<void>;
}

/** How long the origin lets `/slow` wait. */
export const slowMs = 250;

const answer: RequestListener = (request, response) => {
  const path = request.url ?? "/";
  const status = Number(/\/(\d{3})\//.exec(path)?.[1] ?? 200);
  const cacheControl = path.includes("/kept") ? "public, max-age=60" : "no-store";
  const headers = { "content-type": "text/plain", "cache-control": cacheControl };
  setTimeout(
    () => {
      response.writeHead(status, headers);
      response.end("as asked\n");
    },
    path.includes("/slow") ? slowMs : 0,
  );
};

/** An origin in the clear, or with files of a certificate and its key over TLS. */
export async function startOrigin(tls?: { cert: string; key: string }): Promise<Origin> {
  const files = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  const server = files ? createTlsServer(files, answer) : createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server.address()),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A port on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  server.close();
  await once(server, "close");
  return port;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}
