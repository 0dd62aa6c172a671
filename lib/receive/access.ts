import { hash as digestOf, timingSafeEqual } from "node:crypto";

import { Refusal, SenderGone } from "./http/refusal.ts";
import type { RateLimit } from "./rate-limit.ts";

/** Who sends, as far as access goes. */
export interface Sender {
  readonly authorization: string | undefined;
  readonly origin: string | string[] | undefined;
  /** Not known of a connection that was reset before its request was looked at. */
  readonly remoteAddress: string | undefined;
  /** `X-Forwarded-For`: whom a sender on this machine speaks for. */
  readonly forwardedFor?: string | string[] | undefined;
}

/** What a token is good for: sending telemetry, or reading /metrics. */
export type TokenUse = "ingest" | "metrics";

/** A sender that may write. */
export interface Grant {
  readonly project: number;
  /** Id of the token it showed; null for VIASCOPE_INGEST_TOKEN and for senders on this machine. */
  readonly token: string | null;
  readonly address: string;
  /** Counts what was taken from it against the limits of its token. */
  spend(records: number, bytes: number): void;
}

/** Decides who may write, for every listener. */
export interface Access {
  /** Throws a Refusal unless the sender may do this now, SenderGone when nobody is there any more. */
  admit(sender: Sender, use?: TokenUse): Promise<Grant>;
}

/** A stored token, found by its hash. */
export interface KnownToken {
  readonly id: string;
  readonly project: number;
  readonly use: TokenUse;
  readonly state: "good" | "revoked" | "expired";
  readonly records: RateLimit | null;
  readonly bytes: RateLimit | null;
}

/** The stored tokens. `find` rejects when it cannot know. */
export interface TokenBook {
  /** `hash`: SHA-256 of the token in hex. */
  find(hash: string): Promise<KnownToken | null>;
}

export interface AccessOptions {
  /** VIASCOPE_INGEST_TOKEN; while it is null, senders on this machine need no token. */
  readonly token: string | null;
  readonly project: number;
  readonly book?: TokenBook;
  readonly nowMs?: () => number;
}

/** Access by VIASCOPE_INGEST_TOKEN, by stored tokens, and from this machine. A token that is shown must be good, wherever it comes from. */
export function accessBy(options: AccessOptions): Access {
  const { token, project, book, nowMs = Date.now } = options;
  const expected = token === null ? null : tokenHash(token);
  return {
    async admit(sender, use = "ingest") {
      if (sender.remoteAddress === undefined) throw new SenderGone();
      const address = addressOf(sender);
      const free: Grant = { project, token: null, address, spend: () => {} };
      const given = bearerOf(sender);
      if (given === null && token === null) {
        checkLocal(sender);
        return free;
      }
      if (given === null) throw unauthorized(missing);
      const hash = tokenHash(given);
      if (expected !== null && sameHash(hash, expected)) return free;
      const known = await find(book, hash);
      checkToken(known, use);
      if (use === "ingest") checkRate(known, nowMs());
      return {
        project: known.project,
        token: known.id,
        address,
        spend(records, bytes) {
          known.records?.spend(records, nowMs());
          known.bytes?.spend(bytes, nowMs());
        },
      };
    },
  };
}

/** SHA-256 of a token in hex, as tokens are stored and found. */
export function tokenHash(token: string): string {
  return digestOf("sha256", token);
}

const missing =
  "Send an ingest token as `Authorization: Bearer <token>`; it is made under Settings, Ingest tokens.";

async function find(book: TokenBook | undefined, hash: string): Promise<KnownToken> {
  const known = await book?.find(hash).catch(() => {
    throw new Refusal(503, "tokens", "Tokens cannot be read now; send it again in a moment.", 1);
  });
  if (known === undefined || known === null) {
    throw unauthorized(`This ingest token is not known here. ${missing}`);
  }
  return known;
}

function checkToken(known: KnownToken, use: TokenUse): void {
  if (known.state !== "good") {
    throw unauthorized(`This ingest token ${stateWords[known.state]}. ${missing}`);
  }
  if (known.use !== use) {
    throw new Refusal(403, "token_use", `This token is for ${useWords[known.use]} only.`);
  }
}

const stateWords = { revoked: "was revoked", expired: "has expired" };
const useWords = { ingest: "sending telemetry", metrics: "reading /metrics" };

function checkRate({ records, bytes }: KnownToken, nowMs: number): void {
  const limits = [
    { limit: records, unit: "records" },
    { limit: bytes, unit: "bytes" },
  ];
  for (const { limit, unit } of limits) {
    const waitMs = limit?.waitMs(nowMs) ?? 0;
    if (limit === null || waitMs === 0) continue;
    throw new Refusal(
      429,
      "rate_limit",
      `This token may send ${limit.perSecond} ${unit} a second; send it again after the delay.`,
      Math.ceil(waitMs / 1_000),
    );
  }
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, "token", message);
}

/** The token that was shown; null where none was. */
function bearerOf({ authorization }: Sender): string | null {
  return /^Bearer +(?<token>\S+) *$/i.exec(authorization ?? "")?.groups?.["token"] ?? null;
}

/** Compares digests, so that neither the time nor the length tells anything of the token. */
function sameHash(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function checkLocal(sender: Sender): void {
  if (![sender.remoteAddress, ...forwardedOf(sender)].every(isLoopback)) {
    throw new Refusal(
      403,
      "not_local",
      `Without a token only senders on this machine may write. ${missing}`,
    );
  }
  // A page in somebody's browser reaches loopback too, and text/plain needs no preflight.
  if (sender.origin !== undefined) {
    throw new Refusal(403, "browser", "Browsers may not write here.");
  }
}

/** The nearest address that is not this machine's; a proxy here speaks for it. */
function addressOf(sender: Sender): string {
  const chain = isLoopback(sender.remoteAddress) ? forwardedOf(sender).toReversed() : [];
  const address = chain.find((one) => !isLoopback(one)) ?? sender.remoteAddress ?? "";
  return address.replace(/^::ffff:/, "").slice(0, addressLengthMax);
}

const addressLengthMax = 64;

function forwardedOf({ forwardedFor }: Sender): string[] {
  const header = Array.isArray(forwardedFor) ? forwardedFor.join(",") : (forwardedFor ?? "");
  return header
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** Whether a connection comes from this machine. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}
