import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";

export interface Origin {
  /** host:port, which is what a log calls it. */
  readonly name: string;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly afterMs: number;
}

/** An HTTP server that answers as its schedule says for the path. */
export async function startOrigin(schedule: (path: string) => Answer): Promise<Origin> {
  const listener: RequestListener = (request, response) => {
    const { status, afterMs } = schedule(request.url ?? "/");
    setTimeout(() => {
      response.writeHead(status, { "content-type": "text/plain" });
      response.end(`${status}\n`);
    }, afterMs);
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The origin has no port.");
  return {
    name: `127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
