import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { Counter, Metrics } from "#lib/telemetry/metrics.ts";

import type { Access, Grant, Sender } from "./access.ts";
import { type Hold, HeldBytes } from "./held-bytes.ts";
import { answerBroken } from "./http/broken-request.ts";
import { Cors } from "./http/cors.ts";
import { decompressed } from "./http/decompress.ts";
import { problemDetails } from "./http/dialect.ts";
import { readBody, tooLarge } from "./http/read-body.ts";
import { busy, Refusal, SenderGone } from "./http/refusal.ts";
import { type Reply, type Route, routes } from "./http/routes.ts";
import type { Intake } from "./intake.ts";
import { acceptTls, type TlsFront } from "./tls-front.ts";
import type { TlsKeys } from "./tls-keys.ts";

export interface ReceiverOptions {
  readonly intake: Intake;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether other processes listen on the same port, and the system deals connections out among them. */
  readonly reusePort?: boolean;
  /** Takes TLS, and without it this machine only; absent or null knows no TLS. */
  readonly tls?: TlsKeys | null;
  /** Whose pages may send from browsers. */
  readonly corsOrigins?: readonly string[];
  readonly limits: ReceiverLimits;
  /** Who may write. */
  readonly access: Access;
  /** The budget of bytes, where it is shared with another listener; one by `limits` when absent. */
  readonly held?: HeldBytes;
  /** Shown at /metrics; the receiver's own counters are added to it. */
  readonly metrics: Metrics;
  /** What /metrics shows, where that is more than those. */
  readonly metricsText?: () => Promise<string>;
  /** Whether what is received could be stored now. */
  readonly ready: () => Promise<boolean>;
  /** Told of errors that nobody foresaw. */
  readonly onError: (error: unknown) => void;
  /** How long a sender may take; 10 s for the headers, 60 s for a whole request and 120 s for nothing when absent. */
  readonly timeouts?: ReceiverTimeouts;
}

export interface ReceiverTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
  /** For a connection on which nothing moves while a request is under way or its answer is not taken. */
  readonly standstillMs: number;
}

export interface ReceiverLimits {
  /** Of one body, before and after decompression. */
  readonly bodyBytesMax: number;
  /** Of all bodies together: above it no further body is begun. */
  readonly heldBytesSoft: number;
  /** Of all bodies together: above it even a body that was begun is refused. */
  readonly heldBytesHard: number;
  /** How long a request waits for room before it is refused. */
  readonly holdMsMax: number;
}

/** A budget of bytes by these limits, to be given to several listeners. */
export function heldBytesOf(limits: ReceiverLimits): HeldBytes {
  const { heldBytesSoft, heldBytesHard, holdMsMax } = limits;
  return new HeldBytes({ soft: heldBytesSoft, hard: heldBytesHard, waitMsMax: holdMsMax });
}

export interface Receiver {
  listen(): Promise<{ readonly port: number }>;
  /** Stops taking requests, answers those that were begun, and closes. */
  close(): Promise<void>;
}

/** Connections that are kept open between requests; more are closed, the idle first. */
const connectionsMax = 4_096;
const idleConnectionsMax = 2_048;
/** Requests of one connection whose answers it has not taken; Node reads a whole packet of them before it pauses. */
const unansweredMax = 100;
/** Long enough for a large body on a slow line, an end for one that never comes. */
const usualTimeouts: ReceiverTimeouts = {
  headersMs: 10_000,
  requestMs: 60_000,
  standstillMs: 120_000,
};
/** Longer than senders keep a connection, so that they close it and not we under their next request. */
const keepAliveMs = 75_000;
const closeMsMax = 15_000;
const expectedBytesMax = 1 << 18;
const plainRefused =
  "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\nThis port takes https from other machines.\n";

/** The listener for OTLP/HTTP and access logs. */
export function createReceiver(options: ReceiverOptions): Receiver {
  return new HttpReceiver(options);
}

class HttpReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #held: HeldBytes;
  readonly #server: Server;
  readonly #front: TlsFront | null;
  readonly #cors: Cors;
  readonly #counters = new Map<string, Counter>();
  /** Requests by connection whose answers were not written out yet. */
  readonly #unanswered = new WeakMap<Socket, number>();
  #running = 0;
  #connections = 0;
  #closing = false;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#held = options.held ?? heldBytesOf(options.limits);
    const { headersMs, requestMs, standstillMs } = options.timeouts ?? usualTimeouts;
    this.#server = createServer({
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: headersMs / 4,
      noDelay: true,
    });
    const { tls = null, corsOrigins = [] } = options;
    this.#cors = new Cors(corsOrigins);
    this.#front = tls === null ? null : this.#tlsFront(tls);
    this.#server.maxConnections = connectionsMax;
    this.#server.setTimeout(standstillMs);
    this.#server.on("clientError", (error, socket) => {
      this.#count("unread", answerBroken(error, socket));
    });
    this.#server.on("drop", () => this.#count("unread", "too_many_connections"));
    this.#server.on("request", (request, response) => void this.#answer(request, response));
    this.#server.on("connection", (socket) => {
      this.#connections += 1;
      socket.once("close", () => (this.#connections -= 1));
      if (this.#connections > idleConnectionsMax) this.#server.closeIdleConnections();
    });
    this.#observe();
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

  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#front?.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), closeMsMax);
    await closed;
    clearTimeout(timer);
  }

  #tlsFront(tls: TlsKeys): TlsFront {
    return acceptTls(this.#server, {
      tls,
      plainAnswer: plainRefused,
      onRefused: (reason) => this.#count("unread", reason),
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#isTaken(request.socket, response)) return;
    this.#running += 1;
    try {
      const [path, search] = splitOnce(request.url ?? "/", "?");
      const route = routes.get(path);
      const preflight = route === undefined ? null : this.#cors.preflight(request);
      if (preflight !== null) response.writeHead(204, preflight).end();
      else if (route === undefined) await this.#answerOther(request, response, path);
      else await this.#answerTelemetry(request, response, route, search);
    } catch (error) {
      if (!(error instanceof SenderGone)) this.#options.onError(error);
      response.destroy();
    } finally {
      this.#running -= 1;
      // Senders hold their connections; once closing, each is let go with its answer.
      if (this.#closing) setImmediate(() => this.#server.closeIdleConnections());
    }
  }

  /** False, and the connection is closed, when its sender asks on and on without taking answers. */
  #isTaken(socket: Socket, response: ServerResponse): boolean {
    const unanswered = (this.#unanswered.get(socket) ?? 0) + 1;
    this.#unanswered.set(socket, unanswered);
    response.once("close", () => {
      this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1);
    });
    if (unanswered <= unansweredMax) return true;
    if (!socket.destroyed) this.#count("unread", "answers_not_taken");
    socket.destroy();
    return false;
  }

  async #answerTelemetry(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    search: string,
  ): Promise<void> {
    try {
      const reply = await this.#take(request, response, route, search);
      this.#count(route.name, "accepted");
      this.#send(response, reply);
    } catch (error) {
      if (error instanceof SenderGone) {
        this.#count(route.name, "aborted");
        return;
      }
      const refusal = this.#refusalOf(error);
      this.#count(route.name, refusal.reason);
      const dialect = route.dialect(request);
      const body = dialect.refusal(refusal.status, refusal.message);
      this.#send(
        response,
        { status: refusal.status, contentType: dialect.contentType, body },
        refusal,
      );
    }
  }

  /** Refuses what can be refused, reads, and hands on. */
  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    route: Route,
    search: string,
  ): Promise<Reply> {
    const { intake, access, limits } = this.#options;
    if (request.method !== "POST") throw new Refusal(405, "method", "Send telemetry with POST.");
    const grant = await access.admit(this.#senderOf(request));
    route.check(request, intake);
    const encoding = route.encodingOf(request);
    if (Number(request.headers["content-length"]) > limits.bodyBytesMax) {
      throw tooLarge(limits.bodyBytesMax);
    }
    if (this.#closing) throw busy("closing", "Viascope is stopping; send it again in a moment.");
    const hold = await this.#held.admit(expectedBytesOf(request));
    try {
      return await this.#takeBody(request, response, { route, search, encoding, hold, grant });
    } finally {
      hold.release();
    }
  }

  async #takeBody(
    request: IncomingMessage,
    response: ServerResponse,
    admitted: Admitted,
  ): Promise<Reply> {
    const { route, search, encoding, hold, grant } = admitted;
    const { intake, limits } = this.#options;
    const receivedAtMs = Date.now();
    const { "content-length": said } = request.headers;
    const bytesSaid = (): number | null => (said === undefined ? null : Number(said));
    const wire = await readBody(request, { bytesMax: limits.bodyBytesMax, bytesSaid }, hold);
    hold.settle();
    const facts = {
      wireBytes: wire.length,
      receivedAtMs,
      digest: digestOf(request, wire),
      hasKey: request.headers["idempotency-key"] !== undefined,
      delivered: deliveryOf(response),
      grant,
    };
    const body = await decompressed(wire, encoding, limits.bodyBytesMax, hold);
    if (body !== wire) hold.drop(wire.length);
    grant.spend(0, body.length);
    this.#countBytes(route.name, wire.length, body.length);
    return route.take(intake, request, body, search, facts);
  }

  async #answerOther(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    request.resume();
    const reply = await this.#otherReply(request, path);
    this.#send(response, request.method === "HEAD" ? { ...reply, body: "" } : reply);
  }

  async #otherReply(request: IncomingMessage, path: string): Promise<Reply> {
    const known = otherPaths.has(path);
    if (known && request.method !== "GET" && request.method !== "HEAD") {
      return problem(405, "Read this with GET.");
    }
    if (path === "/api/health") return json(200, { status: "live" });
    if (path === "/api/ready") return this.#readiness();
    return path === "/metrics" ? await this.#metricsReply(request) : problem(404, notFound);
  }

  async #readiness(): Promise<Reply> {
    const ready = !this.#closing && (await this.#options.ready().catch(() => false));
    return ready ? json(200, { status: "ready" }) : json(503, { status: "not ready" });
  }

  async #metricsReply(request: IncomingMessage): Promise<Reply> {
    try {
      await this.#options.access.admit(senderOf(request), "metrics");
    } catch (error) {
      if (error instanceof SenderGone) throw error;
      const refusal = this.#refusalOf(error);
      return problem(refusal.status, refusal.message);
    }
    const contentType = "text/plain; version=0.0.4; charset=utf-8";
    const { metrics, metricsText = () => metrics.text() } = this.#options;
    return { status: 200, contentType, body: await metricsText() };
  }

  #send(response: ServerResponse, reply: Reply, refusal: Refusal | null = null): void {
    if (response.destroyed) return;
    response.writeHead(reply.status, {
      ...(reply.status !== 204 && {
        "content-type": reply.contentType,
        "content-length": Buffer.byteLength(reply.body),
      }),
      ...this.#cors.headersFor(response.req),
      ...extraHeaders(reply.status, refusal),
      ...(this.#closing && { connection: "close" }),
    });
    response.end(reply.body);
  }

  /** A Refusal as it is; anything else is our fault, and the sender should keep what it has. */
  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    this.#options.onError(error);
    return busy("failed", "Viascope could not take this now; send it again.", 2);
  }

  /** A page that may send is no stranger in somebody's browser. */
  #senderOf(request: IncomingMessage): Sender {
    const sender = senderOf(request);
    return this.#cors.allows(request) ? { ...sender, origin: undefined } : sender;
  }

  #observe(): void {
    const { metrics } = this.#options;
    metrics.observe(
      "viascope_receive_held_bytes",
      "Bytes of request bodies in memory.",
      () => this.#held.bytes,
    );
    metrics.observe(
      "viascope_receive_running_requests",
      "Requests between their first byte and their answer.",
      () => this.#running,
    );
    metrics.observe(
      "viascope_receive_connections",
      "Open connections of senders.",
      () => this.#connections,
    );
  }

  #count(route: string, outcome: string): void {
    const help = "Requests by path and outcome.";
    this.#counter("viascope_receive_requests_total", help, { route, outcome }).add(1);
  }

  #countBytes(route: string, wire: number, body: number): void {
    const help = "Bytes of request bodies, as sent and decompressed.";
    const name = "viascope_receive_bytes_total";
    this.#counter(name, help, { route, form: "wire" }).add(wire);
    this.#counter(name, help, { route, form: "decompressed" }).add(body);
  }

  /** Kept, as asking the registry for a series costs more than adding to it. */
  #counter(name: string, help: string, labels: Readonly<Record<string, string>>): Counter {
    const key = `${name} ${Object.values(labels).join(" ")}`;
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = this.#options.metrics.counter(name, help, labels);
      this.#counters.set(key, counter);
    }
    return counter;
  }
}

/** What is known of a request that may be read. */
interface Admitted {
  readonly route: Route;
  readonly search: string;
  readonly encoding: string | null;
  readonly hold: Hold;
  readonly grant: Grant;
}

const otherPaths = new Set(["/api/health", "/api/ready", "/metrics"]);
const notFound =
  "There is nothing here; send traces to /v1/traces, logs to /v1/logs and access logs to /ingest/access-logs.";

function extraHeaders(status: number, refusal: Refusal | null): Record<string, string> {
  if (status === 401) return { "www-authenticate": "Bearer" };
  if (status === 405) return { allow: "POST" };
  const seconds = refusal?.retryAfterSeconds ?? null;
  return seconds === null ? {} : { "retry-after": String(seconds) };
}

function senderOf(request: IncomingMessage): Sender {
  const { authorization, origin, "x-forwarded-for": forwardedFor } = request.headers;
  return { authorization, origin, remoteAddress: request.socket.remoteAddress, forwardedFor };
}

/** What a body will at least take, counted before it comes; a sender that promises much gets no more than this. */
function expectedBytesOf(request: IncomingMessage): number {
  return Math.min(expectedBytesMax, Number(request.headers["content-length"] ?? expectedBytesMax));
}

/** The same for a body that is sent again to the same address, under the same key where its sender gives keys. */
function digestOf(request: IncomingMessage, wire: Buffer): string {
  const key = request.headers["idempotency-key"] ?? "";
  const sha1 = createHash("sha1").update(`${request.method} ${request.url}\0${String(key)}`);
  return sha1.update(wire).digest("hex");
}

/** Whether the answer was written out whole: false when the sender was gone before. */
function deliveryOf(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.once("close", () => resolve(response.writableFinished));
    if (response.destroyed) resolve(false);
  });
}

function json(status: number, value: object): Reply {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

function problem(status: number, message: string): Reply {
  const { contentType } = problemDetails;
  return { status, contentType, body: problemDetails.refusal(status, message) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
