import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

import type { SyslogSink } from "../syslog-sink.ts";
import { isTlsHello, type TlsKeys } from "../tls-keys.ts";
import { BrokenFraming, SyslogFraming } from "./framing.ts";

export interface SyslogLimits {
  /** Of one message; longer ones are left out. */
  readonly messageBytesMax: number;
  readonly connectionsMax: number;
  /** Within which a sender must end a message that it began, or begin one when it connected. */
  readonly messageMsMax: number;
}

export type SyslogTransport = "udp" | "tcp" | "tls";

export interface ConnectionOptions {
  readonly tls: TlsKeys | null;
  readonly sink: SyslogSink;
  readonly limits: SyslogLimits;
  readonly count: (transport: SyslogTransport, outcome: string) => void;
  /** Counts a connection that is cut. */
  readonly refuse: (reason: string) => void;
  readonly onClose: () => void;
}

/** One TCP connection of a sender, with TLS or without. */
export class SyslogConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  /** Of the sender; a socket that ended has none any more. */
  readonly #address: string;
  readonly #framing: SyslogFraming;
  #transport: SyslogTransport = "tcp";
  #deadline: NodeJS.Timeout | null = null;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#address = socket.remoteAddress ?? "";
    const { messageBytesMax } = options.limits;
    this.#framing = new SyslogFraming(messageBytesMax, () => this.#count("too_long"));
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#clearDeadline();
      options.onClose();
    });
    socket.once("data", (first: Buffer) => this.#begin(first));
    this.#setDeadline();
  }

  close(): void {
    this.#socket.destroy();
  }

  #begin(first: Buffer): void {
    if (!isTlsHello(first)) {
      this.#readFrom(this.#socket);
      void this.#take(first, this.#socket);
      return;
    }
    const { tls } = this.#options;
    if (tls === null) return this.#cut("no_tls");
    this.#transport = "tls";
    this.#socket.pause();
    this.#socket.unshift(first);
    const secureContext = createSecureContext({ ...tls, minVersion: "TLSv1.2" });
    const secure = new TLSSocket(this.#socket, { isServer: true, secureContext });
    let isSecure = false;
    secure.once("secure", () => (isSecure = true));
    secure.on("error", () => this.#socket.destroy());
    secure.once("close", () => {
      if (!isSecure) this.#options.refuse("tls_failed");
      this.#socket.destroy();
    });
    this.#readFrom(secure);
    return undefined;
  }

  #readFrom(stream: Socket): void {
    stream.on("data", (chunk: Buffer) => void this.#take(chunk, stream));
    stream.once("end", () => {
      for (const message of this.#framing.end()) this.#give(message);
    });
  }

  /** Reads no further while there is no room, so that the sender waits. */
  async #take(chunk: Buffer, stream: Socket): Promise<void> {
    stream.pause();
    this.#clearDeadline();
    try {
      for (const message of this.#framing.take(chunk)) {
        while (!this.#give(message)) await this.#options.sink.room();
      }
    } catch (error) {
      if (!(error instanceof BrokenFraming)) throw error;
      this.#cut("framing");
      return;
    }
    if (this.#framing.isPartial) this.#setDeadline();
    stream.resume();
  }

  #give(message: Buffer): boolean {
    const isTaken = this.#options.sink.take(message, this.#address);
    if (isTaken) this.#count("accepted");
    return isTaken;
  }

  #count(outcome: string): void {
    this.#options.count(this.#transport, outcome);
  }

  #cut(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#options.refuse(reason);
    this.#socket.destroy();
  }

  #setDeadline(): void {
    this.#deadline = setTimeout(() => this.#cut("too_slow"), this.#options.limits.messageMsMax);
  }

  #clearDeadline(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#deadline = null;
  }
}
