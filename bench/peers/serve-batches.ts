import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What a store holds, asked at the end of a run. */
export interface Holding {
  readonly records: number;
  readonly bytes: number;
}

/** A store that a peer is. */
export interface BatchStore {
  /** Resolves when the bodies are stored for good. */
  store(bodies: readonly Buffer[]): Promise<void>;
  holding(): Promise<Holding>;
}

interface Waiting {
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/**
 * Takes bodies over HTTP and answers when they are stored: all that came while one batch was being stored are the next,
 * which is what suits a store of columns best. GET tells what is held. Ends with the bench that started it.
 */
export function serveBatches(store: BatchStore): void {
  let waiting: Waiting[] = [];
  let busy = false;
  const work = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const status = await store.store(batch.map(({ body }) => body)).then(
        () => 200,
        (error: unknown) => tell(error),
      );
      for (const { response } of batch) response.writeHead(status, { "content-length": 0 }).end();
    }
    busy = false;
  };
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "GET") {
      response.end(JSON.stringify(await store.holding()));
      return;
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    waiting.push({ body: Buffer.concat(parts), response });
    if (!busy) await work();
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address !== null && typeof address !== "string") process.send?.({ port: address.port });
  });
  process.on("disconnect", () => process.exit());
  process.on("SIGTERM", () => process.exit());
}

function tell(error: unknown): number {
  process.stderr.write(`${String(error)}\n`);
  return 500;
}
