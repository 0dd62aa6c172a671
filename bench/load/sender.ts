import { connect, type Socket } from "node:net";

/** What came of a run of requests. */
export interface SendingResult {
  readonly requests: number;
  /** Answers other than 200. */
  readonly refused: number;
  /** Milliseconds from the first byte sent to the answer, of every request. */
  readonly latenciesMs: readonly number[];
}

export interface Sending {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly untilMs: number;
  /** A fresh body; null when the next request may use what it gives no longer. */
  readonly body: () => Buffer;
}

/**
 * Sends requests over kept connections, one after another on each, until the time is over.
 * Speaks just enough HTTP/1.1 that the client costs next to nothing beside the server.
 */
export async function send(sending: Sending): Promise<SendingResult> {
  const latenciesMs: number[] = [];
  let refused = 0;
  const one = async (): Promise<void> => {
    const line = new Line(sending.port);
    await line.open();
    while (Date.now() < sending.untilMs) {
      const body = sending.body();
      const begun = performance.now();
      const status = await line.request(sending, body);
      latenciesMs.push(performance.now() - begun);
      if (status !== 200) refused += 1;
    }
    line.close();
  };
  await Promise.all(Array.from({ length: sending.connections }, one));
  return { requests: latenciesMs.length, refused, latenciesMs };
}

class Line {
  readonly #port: number;
  #socket: Socket | null = null;
  #received = "";
  #answer: ((status: number) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, "127.0.0.1", resolve);
      socket.setNoDelay(true);
      socket.on("error", (error) => {
        reject(error);
        this.#fail?.(error);
      });
      socket.on("data", (chunk) => this.#receive(chunk));
      this.#socket = socket;
    });
  }

  request({ path, headers }: Sending, body: Buffer): Promise<number> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n${lines.join("")}\r\n`;
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#socket?.write(Buffer.concat([Buffer.from(head, "latin1"), body]));
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received += chunk.toString("latin1");
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const status = Number(this.#received.slice(9, 12));
    this.#received = this.#received.slice(end + 4 + length);
    this.#answer?.(status);
  }
}
