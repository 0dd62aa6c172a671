import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";

import {
  BlockedTarget,
  targetOf,
  type ResolvedAddress,
  type TargetGuard,
} from "#lib/guard/target-guard.ts";

import type { ChannelRequest, ChannelResponse, HttpRequest } from "./channel-kind.ts";
import { sendMail } from "./mail/send-mail.ts";

export interface SendOptions {
  readonly guard: TargetGuard;
  /** From the first byte sent until the last one read. */
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly userAgent: string;
}

/** What became of one request. */
export type Exchanged =
  | { readonly kind: "answered"; readonly response: ChannelResponse }
  /** No answer: `blocked` by the guard, or lost on the way. */
  | { readonly kind: "blocked" | "lost"; readonly reason: string };

export type Send = (request: ChannelRequest) => Promise<Exchanged>;

/** Sends requests of channels: only to admitted addresses, never after a redirect, within time and size. Never throws. */
export function sender(options: SendOptions): Send {
  return async (request) => {
    const deadline = AbortSignal.timeout(options.timeoutMs);
    try {
      const response =
        request.kind === "mail"
          ? await sendMail(request, options)
          : await exchange(request, options, deadline);
      return { kind: "answered", response };
    } catch (error) {
      if (error instanceof BlockedTarget) return { kind: "blocked", reason: error.message };
      const seconds = Math.round(options.timeoutMs / 1000);
      const reason = deadline.aborted ? `did not answer within ${seconds} s` : lossOf(error);
      return { kind: "lost", reason };
    }
  };
}

async function exchange(
  request: HttpRequest,
  options: SendOptions,
  deadline: AbortSignal,
): Promise<ChannelResponse> {
  const url = new URL(request.url);
  const addresses = await options.guard.admit(targetOf(url));
  const begin = url.protocol === "https:" ? httpsRequest : httpRequest;
  const body = Buffer.from(request.body);
  return new Promise((resolve, reject) => {
    const outgoing = begin(url, {
      method: request.method,
      headers: {
        "user-agent": options.userAgent,
        ...request.headers,
        "content-length": String(body.length),
      },
      agent: false,
      signal: deadline,
      // The address that was looked at is the one that is used: a name that changes its mind gains nothing.
      lookup: pinned(addresses),
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      read(incoming, options.responseBytesMax).then(
        (text) => resolve(responseOf(incoming, text)),
        reject,
      );
    });
    outgoing.end(body);
  });
}

/** The beginning of a body; what goes on beyond the limit is not waited for. */
async function read(incoming: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    if (!Buffer.isBuffer(part)) continue;
    parts.push(part);
    bytes += part.length;
    if (bytes >= bytesMax) break;
  }
  return Buffer.concat(parts).subarray(0, bytesMax).toString("utf8");
}

function responseOf(incoming: IncomingMessage, body: string): ChannelResponse {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}

function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses;
    if (first === undefined) done(new Error("the name has no address"), "", 4);
    else if (options.all === true) done(null, [...addresses]);
    else done(null, first.address, first.family);
  };
}

const losses: Record<string, string> = {
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection without an answer",
  EPIPE: "closed the connection without an answer",
  ENOTFOUND: "has a name that cannot be resolved",
  EAI_AGAIN: "has a name that cannot be resolved now",
  ETIMEDOUT: "did not accept a connection in time",
  EHOSTUNREACH: "cannot be reached from here",
  ETLS: "does not offer TLS as it has to",
  ENETUNREACH: "cannot be reached from here",
};

function lossOf(error: unknown): string {
  if (!(error instanceof Error)) return "could not be reached";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // Mail libraries keep the system's word in the message only.
  const known = losses[code] ?? losses[/\bE[A-Z_]{3,}\b/.exec(error.message)?.[0] ?? ""];
  return known ?? `could not be reached (${code === "" ? error.message : code})`;
}
