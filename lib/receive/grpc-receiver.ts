import { createHash } from "node:crypto";
import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";

import type { Metrics } from "#lib/telemetry/metrics.ts";

import type { Access, Grant } from "./access.ts";
import { callBytesOf, framed, messageOf, prefixBytes, timeoutMsOf } from "./grpc/message.ts";
import { Sessions } from "./grpc/sessions.ts";
import { trailersOf } from "./grpc/trailers.ts";
import type { HeldBytes, Hold } from "./held-bytes.ts";
import { contentEncodingOf } from "./http/decompress.ts";
import { otlpProtobuf } from "./http/dialect.ts";
import { readBody } from "./http/read-body.ts";
import { busy, Refusal, SenderGone } from "./http/refusal.ts";
import type { Intake } from "./intake.ts";
import type { Receiver, ReceiverLimits } from "./receiver.ts";
import { acceptTls, type TlsFront } from "./tls-front.ts";
import type { TlsKeys } from "./tls-keys.ts";

export interface GrpcReceiverOptions {
  readonly intake: Intake;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether other processes listen on the same port, and the system deals connections out among them. */
  readonly reusePort?: boolean;
  /** Takes TLS, and without it this machine only; absent or null knows no TLS. */
  readonly tls?: TlsKeys | null;
  readonly limits: Pick<ReceiverLimits, "bodyBytesMax" | "holdMsMax">;
  /** The budget of bytes, shared with the other listeners. */
  readonly held: HeldBytes;
  /** Who may write. */
  readonly access: Access;
  readonly metrics: Metrics;
  /** Told of errors that nobody foresaw. */
  readonly onError: (error: unknown) => void;
}

/** One method that takes telemetry. */
interface Method {
  /** Word for the counters. */
  readonly name: string;
  /** What takes the signal, if anything does. */
  storeOf(intake: Intake): Store | undefined;
}

type Store = NonNullable<Intake["logs"]>;

const services = "/opentelemetry.proto.collector";
const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  [
    `${services}.trace.v1.TraceService/Export`,
    { name: "grpc-traces", storeOf: (intake) => intake.traces.bind(intake) },
  ],
  [
    `${services}.logs.v1.LogsService/Export`,
    { name: "grpc-logs", storeOf: (intake) => intake.logs?.bind(intake) },
  ],
  [
    `${services}.metrics.v1.MetricsService/Export`,
    { name: "grpc-metrics", storeOf: (intake) => intake.metrics?.bind(intake) },
  ],
]);

/** What a sender may have under way before we read it, per call and per connection. */
const streamWindowBytes = 4 << 20;
const sessionWindowBytes = 8 << 20;
const connectionsMax = 4_096;
const sessionLimits = { prefaceMsMax: 10_000, keptMax: 1_024 };
const callsPerConnectionMax = 250;
/** For a whole call to come in: an end for one that never does. */
const callTimeoutMs = 60_000;
const closeMsMax = 15_000;
const expectedBytes = 1 << 18;
const contentType = "application/grpc";

const serverOptions = {
  settings: {
    initialWindowSize: streamWindowBytes,
    maxConcurrentStreams: callsPerConnectionMax,
  },
  // In megabytes; above what the window lets a sender have under way.
  maxSessionMemory: 64,
};

/** The listener for OTLP/gRPC, over HTTP/2, with TLS or without. */
export function createGrpcReceiver(options: GrpcReceiverOptions): Receiver {
  return new GrpcReceiver(options);
}

class GrpcReceiver implements Receiver {
  readonly #options: GrpcReceiverOptions;
  readonly #server: Http2Server;
  readonly #front: TlsFront | null;
  readonly #sessions = new Sessions(sessionLimits);
  #closing = false;

  constructor(options: GrpcReceiverOptions) {
    this.#options = options;
    this.#server = createServer(serverOptions);
    const { tls = null } = options;
    this.#front = tls === null ? null : this.#tlsFront(tls);
    this.#server.maxConnections = connectionsMax;
    this.#serve(this.#server);
  }

  /** What comes with TLS is served alike by a server of its own, which listens nowhere. */
  #tlsFront(tls: TlsKeys): TlsFront {
    const onRefused = (reason: string) => this.#countRefused(reason);
    const secureServer = createSecureServer({
      ...serverOptions,
      ...tls,
      minVersion: "TLSv1.2",
      handshakeTimeout: 10_000,
    });
    secureServer.on("tlsClientError", () => onRefused("tls_failed"));
    this.#serve(secureServer);
    return acceptTls(this.#server, { tls, secureServer, plainAnswer: "", onRefused });
  }

  #serve(server: Http2Server | Http2SecureServer): void {
    server.on("session", (session) => this.#welcome(session));
    server.on("stream", (stream, headers) => void this.#answer(stream, headers));
    // Of one connection, which is closed; what a peer breaks is not our error.
    server.on("sessionError", () => {});
  }

  listen(): Promise<{ readonly port: number }> {
    const { host, port, reusePort = false } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, host, reusePort }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", this.#options.onError);
        const address = this.#server.address();
        if (address === null || typeof address === "string") reject(new Error("not a TCP port"));
        else resolve({ port: address.port });
      });
    });
  }

  /** Tells senders to go away, answers what was begun, and closes. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#front?.close();
    this.#sessions.closeAll();
    const timer = setTimeout(() => this.#sessions.destroyAll(), closeMsMax);
    await closed;
    clearTimeout(timer);
  }

  #welcome(session: ServerHttp2Session): void {
    this.#sessions.welcome(session);
    session.setLocalWindowSize(sessionWindowBytes);
    if (this.#closing) session.close();
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    // A call that is cancelled errs; whoever awaits it hears of that by its close.
    stream.on("error", () => {});
    const method = methods.get(headers[":path"] ?? "");
    const { session } = stream;
    this.#sessions.callBegun(session);
    stream.once("close", () => this.#sessions.callEnded(session));
    try {
      if (!isGrpc(headers)) {
        stream.respond({ ":status": 415 }, { endStream: true });
        return;
      }
      const reply = await this.#take(stream, headers, method);
      this.#count(method, "accepted");
      succeed(stream, reply);
    } catch (error) {
      if (error instanceof SenderGone) {
        this.#count(method, "aborted");
        return;
      }
      const refusal = this.#refusalOf(error);
      this.#count(method, refusal.reason);
      fail(stream, refusal);
    }
  }

  async #take(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    method: Method | undefined,
  ): Promise<Buffer> {
    const { authorization, origin, "x-forwarded-for": forwardedFor } = headers;
    const remoteAddress = stream.session?.socket.remoteAddress;
    const sender = { authorization, origin, remoteAddress, forwardedFor };
    const grant = await this.#options.access.admit(sender);
    const store = method?.storeOf(this.#options.intake);
    if (store === undefined) {
      throw new Refusal(
        404,
        "method",
        "Viascope does not take this over gRPC; send OpenTelemetry traces, logs or metrics.",
      );
    }
    const encoding = contentEncodingOf(headerOf(headers, "grpc-encoding"));
    if (this.#closing) throw busy("closing", "Viascope is stopping; send it again in a moment.");
    const hold = await this.#options.held.admit(expectedBytes, this.#waitMsOf(headers));
    try {
      return await this.#takeMessage(stream, headers, { store, encoding, hold, grant });
    } finally {
      hold.release();
    }
  }

  async #takeMessage(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    admitted: { store: Store; encoding: string | null; hold: Hold; grant: Grant },
  ): Promise<Buffer> {
    const { store, encoding, hold, grant } = admitted;
    const { limits } = this.#options;
    const receivedAtMs = Date.now();
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), callTimeoutMs);
    const size = { bytesMax: limits.bodyBytesMax + prefixBytes, bytesSaid: callBytesOf };
    const call = await readBody(stream, size, hold).finally(() => clearTimeout(timer));
    hold.settle();
    const message = await messageOf(call, encoding, limits.bodyBytesMax, hold);
    if (call[0] === 1) hold.drop(call.length);
    const digest = createHash("sha1")
      .update(`POST ${headers[":path"]}\0`)
      .update(call)
      .digest("hex");
    const delivered = deliveryOf(stream);
    grant.spend(0, message.length);
    const facts = { wireBytes: call.length, receivedAtMs, digest, delivered, grant };
    const result = await store(message, "protobuf", facts);
    if (result.kind === "invalid") throw new Refusal(400, "invalid", result.message);
    if (result.kind === "busy") throw busy("busy", result.message, result.retryAfterSeconds);
    return Buffer.from(otlpProtobuf.accepted("rejectedSpans", result.rejected, result.message));
  }

  /** No longer than most of the time the sender has, so that it still hears the answer. */
  #waitMsOf(headers: IncomingHttpHeaders): number {
    const { holdMsMax } = this.#options.limits;
    const timeoutMs = timeoutMsOf(headerOf(headers, "grpc-timeout"));
    return timeoutMs === null ? holdMsMax : Math.min(holdMsMax, timeoutMs * 0.8);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    this.#options.onError(error);
    return busy("failed", "Viascope could not take this now; send it again.", 2);
  }

  #countRefused(reason: string): void {
    const labels = { route: "grpc-unread", outcome: reason };
    const help = "Requests by path and outcome.";
    this.#options.metrics.counter("viascope_receive_requests_total", help, labels).add(1);
  }

  #count(method: Method | undefined, outcome: string): void {
    const labels = { route: method?.name ?? "grpc-unknown", outcome };
    const help = "Requests by path and outcome.";
    this.#options.metrics.counter("viascope_receive_requests_total", help, labels).add(1);
  }
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "POST" && (headers["content-type"] ?? "").startsWith(contentType);
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function succeed(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": contentType }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(framed(message));
}

function fail(stream: ServerHttp2Stream, refusal: Refusal): void {
  if (stream.destroyed || stream.headersSent) return;
  const head = { ":status": 200, "content-type": contentType };
  stream.respond({ ...head, ...trailersOf(refusal) }, { endStream: true });
  stream.resume();
}

/** Whether the answer was sent out whole: false when the call was cancelled or its connection lost before. */
function deliveryOf(stream: ServerHttp2Stream): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = () =>
      resolve(stream.writableFinished && stream.rstCode === constants.NGHTTP2_NO_ERROR);
    if (stream.closed || stream.destroyed) settle();
    else stream.once("close", settle);
  });
}
