import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

import type { Metrics } from "#lib/telemetry/metrics.ts";

import type { Receiver } from "./receiver.ts";
import type { SyslogSink } from "./syslog-sink.ts";
import { SyslogConnection, type SyslogLimits, type SyslogTransport } from "./syslog/connection.ts";
import { kernelDrops } from "./syslog/kernel-drops.ts";
import type { TlsKeys } from "./tls-keys.ts";

export interface SyslogReceiverOptions {
  readonly host: string;
  /** Of UDP and of TCP; 0 lets the system choose. */
  readonly port: number;
  readonly reusePort?: boolean;
  /** Null takes no TLS. */
  readonly tls: TlsKeys | null;
  readonly isAllowed: (address: string) => boolean;
  readonly sink: SyslogSink;
  readonly metrics: Metrics;
  readonly onError: (error: unknown) => void;
  readonly limits?: Partial<SyslogLimits>;
}

const usualLimits: SyslogLimits = {
  messageBytesMax: 65_536,
  connectionsMax: 1_024,
  messageMsMax: 60_000,
};
/** Holds a burst while a commit is under way; the system may grant less. */
const receiveBufferBytes = 8 << 20;
const portTriesMax = 10;

/** The listener for syslog over UDP, TCP and TLS, on one port. */
export function createSyslogReceiver(options: SyslogReceiverOptions): Receiver {
  return new SyslogReceiver(options);
}

class SyslogReceiver implements Receiver {
  readonly #options: SyslogReceiverOptions;
  readonly #limits: SyslogLimits;
  readonly #server: Server;
  readonly #connections = new Set<SyslogConnection>();
  #udp: UdpSocket | null = null;

  constructor(options: SyslogReceiverOptions) {
    this.#options = options;
    this.#limits = { ...usualLimits, ...options.limits };
    this.#server = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
    options.metrics.observe(
      "viascope_syslog_connections",
      "Open connections of syslog senders.",
      () => this.#connections.size,
    );
  }

  /** TCP first: where the system chooses the port, UDP takes the same. */
  async listen(): Promise<{ readonly port: number }> {
    for (let tries = 1; ; tries += 1) {
      const port = await this.#listenTcp();
      try {
        this.#udp = await this.#listenUdp(port);
        return { port };
      } catch (error) {
        this.#server.close();
        await once(this.#server, "close");
        if (this.#options.port !== 0 || tries === portTriesMax) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    const udp = this.#udp;
    if (udp !== null) await new Promise<void>((resolve) => udp.close(() => resolve()));
    await closed;
  }

  async #listenTcp(): Promise<number> {
    const { host, port, reusePort = false, onError } = this.#options;
    this.#server.listen({ host, port, reusePort });
    await once(this.#server, "listening");
    this.#server.removeAllListeners("error");
    this.#server.on("error", onError);
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not a TCP port");
    return address.port;
  }

  async #listenUdp(port: number): Promise<UdpSocket> {
    const { host, reusePort = false, onError, metrics } = this.#options;
    const socket = createSocket({
      type: host.includes(":") ? "udp6" : "udp4",
      reusePort,
      recvBufferSize: receiveBufferBytes,
    });
    socket.on("message", (message, { address }) => this.#datagram(message, address));
    socket.bind(port, host);
    await once(socket, "listening");
    socket.on("error", onError);
    metrics.observe(
      "viascope_syslog_udp_lost",
      "Datagrams that the system threw away since the start, as our buffer was full; -1 where it does not tell.",
      () => kernelDrops(port) ?? -1,
    );
    return socket;
  }

  #datagram(message: Buffer, address: string): void {
    if (!this.#options.isAllowed(address)) return this.#count("udp", "not_allowed");
    if (message.length > this.#limits.messageBytesMax) return this.#count("udp", "too_long");
    if (message.length === 0) return undefined;
    return this.#count("udp", this.#options.sink.take(message, address) ? "accepted" : "no_room");
  }

  #welcome(socket: Socket): void {
    const { isAllowed, tls, sink } = this.#options;
    const reason = this.#reasonAgainst(isAllowed(socket.remoteAddress ?? ""));
    if (reason !== null) {
      this.#refuse(reason);
      socket.destroy();
      return;
    }
    const connection = new SyslogConnection(socket, {
      tls,
      sink,
      limits: this.#limits,
      count: (transport, outcome) => this.#count(transport, outcome),
      refuse: (why) => this.#refuse(why),
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  #reasonAgainst(isAllowed: boolean): string | null {
    if (!isAllowed) return "not_allowed";
    return this.#connections.size >= this.#limits.connectionsMax ? "too_many" : null;
  }

  #refuse(reason: string): void {
    const help = "Connections of syslog senders that were refused or cut, by reason.";
    this.#options.metrics.counter("viascope_syslog_refused_total", help, { reason }).add(1);
  }

  #count(transport: SyslogTransport, outcome: string): void {
    const help = "Messages of syslog by transport and outcome.";
    const labels = { transport, outcome };
    this.#options.metrics.counter("viascope_syslog_messages_total", help, labels).add(1);
  }
}
