import { connect, constants, type ClientHttp2Session } from "node:http2";

import { keepCalling, type Caller, type Sending, type SendingResult } from "./sending.ts";

/** Makes unary gRPC calls in the clear, several at once on each connection, until the time is over. */
export function sendOverGrpc(sending: Sending): Promise<SendingResult> {
  return keepCalling(sending, () => Promise.resolve(new Connection(sending)));
}

const prefixBytes = 5;

class Connection implements Caller {
  readonly #session: ClientHttp2Session;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ port, path, headers }: Sending) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    this.#headers = {
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    };
  }

  call(body: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(this.#headers);
      let status: unknown;
      const note = (headers: Record<string, unknown>): void => {
        status = headers["grpc-status"] ?? status;
      };
      stream.on("response", note);
      stream.on("trailers", note);
      stream.on("error", reject);
      stream.on("close", () => resolve(status === "0"));
      stream.resume();
      const prefix = Buffer.alloc(prefixBytes);
      prefix.writeUInt32BE(body.length, 1);
      stream.write(prefix);
      stream.end(body);
    });
  }

  close(): void {
    this.#session.close();
  }
}
