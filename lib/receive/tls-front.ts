import type { Server, Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";

import { isLoopback } from "./access.ts";
import { isTlsHello, type TlsKeys } from "./tls-keys.ts";

export interface TlsFrontOptions {
  readonly tls: TlsKeys;
  /** Where connections with TLS go, as they came; absent: to the server itself, with TLS taken off. */
  readonly secureServer?: Server;
  /** Sent to another machine that speaks without TLS, before its connection is closed. */
  readonly plainAnswer: string;
  /** Told of connections that are refused, by reason. */
  readonly onRefused: (reason: string) => void;
}

export interface TlsFront {
  /** Closes the connections that have not said yet what they speak. */
  close(): void;
}

/** Until a connection has said what it speaks. */
const helloMsMax = 10_000;

/**
 * Lets a server of HTTP take connections with TLS on the port it has. Without TLS it then serves this machine only, where
 * the web role forwards from: a token must not cross a network in the clear.
 */
export function acceptTls(server: Server, options: TlsFrontOptions): TlsFront {
  const serve = server.listeners("connection");
  server.removeAllListeners("connection");
  const secureContext = createSecureContext({ ...options.tls, minVersion: "TLSv1.2" });
  const pending = new Set<Socket>();
  const hand = (socket: Socket) => {
    for (const listener of serve) Reflect.apply(listener, server, [socket]);
  };
  server.on("connection", (socket: Socket) => {
    const front = new Hello(socket, secureContext, options);
    pending.add(socket);
    socket.once("close", () => pending.delete(socket));
    front.wait((ready) => {
      pending.delete(socket);
      hand(ready);
    });
  });
  return {
    close() {
      for (const socket of pending) socket.destroy();
    },
  };
}

/** A connection before it is known what it speaks. */
class Hello {
  readonly #socket: Socket;
  readonly #context: SecureContext;
  readonly #options: TlsFrontOptions;
  readonly #deadline: NodeJS.Timeout;

  constructor(socket: Socket, context: SecureContext, options: TlsFrontOptions) {
    this.#socket = socket;
    this.#context = context;
    this.#options = options;
    this.#deadline = setTimeout(() => this.#refuse("silent"), helloMsMax);
    socket.once("close", () => clearTimeout(this.#deadline));
    socket.on("error", ignore);
  }

  /** `use` gets the connection to serve, unless it is refused. */
  wait(use: (ready: Socket) => void): void {
    this.#socket.once("data", (first: Buffer) => {
      this.#socket.pause();
      this.#socket.unshift(first);
      if (!isTlsHello(first)) this.#servePlain(use);
      else if (this.#options.secureServer === undefined) this.#shakeHands(use);
      else this.#handOn(this.#options.secureServer);
    });
  }

  #servePlain(use: (ready: Socket) => void): void {
    const socket = this.#socket;
    clearTimeout(this.#deadline);
    if (!isLoopback(socket.remoteAddress)) {
      socket.end(this.#options.plainAnswer);
      this.#options.onRefused("without_tls");
      return;
    }
    socket.off("error", ignore);
    use(socket);
    // HTTP/2 takes over the handle below the stream, and reads from there.
    if (this.#options.secureServer === undefined) socket.resume();
  }

  #handOn(server: Server): void {
    clearTimeout(this.#deadline);
    this.#socket.off("error", ignore);
    server.emit("connection", this.#socket);
  }

  #shakeHands(use: (secure: Socket) => void): void {
    const secure = new TLSSocket(this.#socket, {
      isServer: true,
      secureContext: this.#context,
      ALPNProtocols: ["http/1.1"],
    });
    let isSecure = false;
    secure.on("error", ignore);
    secure.once("close", () => {
      if (!isSecure) this.#options.onRefused("tls_failed");
      this.#socket.destroy();
    });
    secure.once("secure", () => {
      isSecure = true;
      clearTimeout(this.#deadline);
      secure.off("error", ignore);
      use(secure);
    });
  }

  #refuse(reason: string): void {
    this.#options.onRefused(reason);
    this.#socket.destroy();
  }
}

/** What a peer breaks before it is served is counted by how its connection ends. */
function ignore(): void {}
