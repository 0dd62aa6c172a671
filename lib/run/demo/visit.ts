import type { CacheOutcome } from "#lib/core/cache-outcome.ts";

import type { Effect } from "./incidents.ts";
import type { Random } from "./random.ts";
import type { DemoRequest } from "./requests.ts";
import { ask, type Outcome, type UpstreamName } from "./upstreams.ts";

/** One try of athens at an upstream. */
export interface VisitAttempt extends Outcome {
  readonly upstream: UpstreamName;
  readonly startMs: number;
  /** How many times the same request had been sent to this upstream before. */
  readonly resent: number;
}

/** A request as athens answered it. */
export interface Visit {
  readonly instance: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: number;
  readonly bytes: number;
  readonly cache: CacheOutcome;
  /** When the storage was read or written, and for how long. */
  readonly storage: { readonly startMs: number; readonly durationMs: number } | null;
  readonly attempts: readonly VisitAttempt[];
}

/** How athens answers a request that reaches it at `startMs`. */
export function visitOf(
  request: DemoRequest,
  arrival: { readonly startMs: number; readonly instance: string },
  effects: readonly Effect[],
  random: Random,
): Visit {
  const { startMs, instance } = arrival;
  const beganMs = startMs + random.between(0.2, 0.9);
  const cache = cacheOf(request, effects, random);
  if (cache === "hit") return hitVisit(request, { startMs, beganMs, instance }, random);
  const attempts = attemptsOf(request, effects, beganMs, random);
  const last = attempts.at(-1);
  const status = last === undefined ? 500 : statusOf(last);
  const askedMs = last === undefined ? beganMs : last.startMs + last.durationMs;
  const saves = status === 200 && cache === "miss";
  const storage = saves ? { startMs: askedMs, durationMs: storageMs(request, random) } : null;
  const endMs = askedMs + (storage?.durationMs ?? 0) + random.between(0.1, 0.6);
  return {
    instance,
    startMs,
    durationMs: endMs - startMs,
    status,
    bytes: status === 200 ? request.bytes : 74,
    cache,
    storage,
    attempts,
  };
}

function hitVisit(
  request: DemoRequest,
  arrival: { readonly startMs: number; readonly beganMs: number; readonly instance: string },
  random: Random,
): Visit {
  const { startMs, beganMs, instance } = arrival;
  const storage = { startMs: beganMs, durationMs: storageMs(request, random) };
  const durationMs = beganMs + storage.durationMs + random.between(0.1, 0.4) - startMs;
  const { bytes } = request;
  return { instance, startMs, durationMs, status: 200, bytes, cache: "hit", storage, attempts: [] };
}

/** Versions never change and are kept; lists and the sum database are asked for each time. */
function cacheOf(request: DemoRequest, effects: readonly Effect[], random: Random): CacheOutcome {
  if (!["info", "mod", "zip"].includes(request.endpoint)) return "bypass";
  const cold = effects.find((effect) => effect.kind === "cold-cache");
  const share = 0.93 - 0.3 * request.rarity;
  return random.chance(share * (cold?.hitFactor ?? 1)) ? "hit" : "miss";
}

function storageMs(request: DemoRequest, random: Random): number {
  return random.logNormal(3.2, 0.4) + request.bytes / 60_000;
}

/** Asks one upstream after the other until one has an answer; a broken connection is tried once more. */
function attemptsOf(
  request: DemoRequest,
  effects: readonly Effect[],
  beganMs: number,
  random: Random,
): VisitAttempt[] {
  const attempts: VisitAttempt[] = [];
  let startMs = beganMs;
  const tryAt = (upstream: UpstreamName, resent: number): Outcome => {
    const outcome = ask({ ...request, upstream }, effects, random);
    attempts.push({ ...outcome, upstream, startMs, resent });
    startMs += outcome.durationMs + random.between(0.1, 0.5);
    return outcome;
  };
  for (const upstream of request.chain) {
    let outcome = tryAt(upstream, 0);
    if (outcome.errorType === "connection_terminated") outcome = tryAt(upstream, 1);
    if (outcome.status === 200) break;
  }
  return attempts;
}

function statusOf({ status, errorType }: Outcome): number {
  if (status === 200) return 200;
  if (status === 404 || status === 410) return 404;
  return errorType === "http_response_timeout" ? 504 : 502;
}
