import type { ErrorType } from "#lib/core/error-type.ts";
import type { TlsReason } from "#lib/core/tls-reason.ts";

import type { Effect } from "./incidents.ts";
import type { Random } from "./random.ts";

export type UpstreamName = (typeof upstreamNames)[number];

const upstreamNames = [
  "mirror-a.example",
  "mirror-b.example",
  "sum.example",
  "git.corp.example",
] as const;

interface Upstream {
  /** An address that documentation uses (RFC 5737). */
  readonly address: string;
  /** Median time to an answer, in milliseconds. */
  readonly medianMs: number;
  readonly spread: number;
  /** Bytes per millisecond. */
  readonly throughput: number;
}

export const upstreams: Readonly<Record<UpstreamName, Upstream>> = {
  "mirror-a.example": { address: "203.0.113.20", medianMs: 34, spread: 0.45, throughput: 9_000 },
  "mirror-b.example": { address: "198.51.100.7", medianMs: 61, spread: 0.5, throughput: 5_000 },
  "sum.example": { address: "203.0.113.81", medianMs: 22, spread: 0.35, throughput: 9_000 },
  "git.corp.example": { address: "10.40.2.15", medianMs: 190, spread: 0.6, throughput: 3_000 },
};

/** How one attempt ended. */
export interface Outcome {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly errorType: ErrorType | null;
  readonly tlsReason: TlsReason | null;
}

/** What the proxy asks an upstream for. */
export interface Asked {
  readonly upstream: UpstreamName;
  readonly exists: boolean;
  readonly bytes: number;
}

/** Asks an upstream while these effects last. */
export function ask(asked: Asked, effects: readonly Effect[], random: Random): Outcome {
  const { upstream, exists, bytes } = asked;
  const { medianMs, spread, throughput } = upstreams[upstream];
  const slow = effects.find((effect) => effect.kind === "slow" && effect.upstream === upstream);
  const factor = slow?.kind === "slow" ? slow.factor : 1;
  const waitMs = random.logNormal(medianMs, spread) * factor;
  if (certificateExpired(upstream, effects)) return expiredCertificate(random);
  if (waitMs > timeoutMs) return noAnswer("http_response_timeout", timeoutMs);
  if (random.chance(0.0006)) return noAnswer("connection_terminated", waitMs / 3);
  if (random.chance(failingShare(upstream, effects))) return answer(503, waitMs * 0.6);
  if (!exists) return answer(upstream === "mirror-b.example" ? 410 : 404, waitMs);
  return answer(200, waitMs + bytes / throughput);
}

/** How long the proxy waits for an upstream. */
const timeoutMs = 2_500;
/** Even a healthy upstream fails now and then. */
const everydayShare = 0.002;

function certificateExpired(upstream: string, effects: readonly Effect[]): boolean {
  return effects.some(
    (effect) => effect.kind === "expired-certificate" && effect.upstream === upstream,
  );
}

function failingShare(upstream: string, effects: readonly Effect[]): number {
  const failing = effects.find(
    (effect) => effect.kind === "failing" && effect.upstream === upstream,
  );
  return failing?.kind === "failing" ? failing.share : everydayShare;
}

function expiredCertificate(random: Random): Outcome {
  return {
    status: null,
    durationMs: random.between(3, 9),
    errorType: "tls_certificate_error",
    tlsReason: "certificate_expired",
  };
}

function noAnswer(errorType: ErrorType, durationMs: number): Outcome {
  return { status: null, durationMs, errorType, tlsReason: null };
}

function answer(status: number, durationMs: number): Outcome {
  return { status, durationMs, errorType: null, tlsReason: null };
}
