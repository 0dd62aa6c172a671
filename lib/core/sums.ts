import type { CacheOutcome } from "./cache-outcome.ts";
import type { Source } from "./exchange.ts";
import type { Sketch } from "./sketch.ts";

/**
 * What a rollup row counts: exchanges of a proxy, attempts at an upstream,
 * retries, failovers and fallbacks (relations), failed TLS handshakes, or exchanges of the modules under a prefix.
 */
export const subjects = ["exchange", "attempt", "relation", "tls", "module"] as const;
export type Subject = (typeof subjects)[number];

/** The counters of a rollup row; every one is a plain sum, so any rows merge by addition. */
export const counters = [
  "requests",
  "errors",
  "notFound",
  "transportFailures",
  "clientClosed",
  "bytes",
  "latencySumUs",
  "cacheHit",
  "cacheRevalidated",
  "cacheStale",
  "cacheExpired",
  "cacheMiss",
  "cacheBypass",
  "cacheNone",
] as const;
export type Counter = (typeof counters)[number];
export type Counts = Record<Counter, number>;

/** The counter of each cache outcome. */
export const cacheCounter = {
  hit: "cacheHit",
  revalidated: "cacheRevalidated",
  stale: "cacheStale",
  expired: "cacheExpired",
  miss: "cacheMiss",
  bypass: "cacheBypass",
  none: "cacheNone",
} as const satisfies Record<CacheOutcome, Counter>;

/** Which row of a bucket a sum belongs to. Names are by their number in the dictionary; 0 is none. */
export interface SumKey {
  readonly source: Source;
  readonly subject: Subject;
  readonly proxyId: number;
  /** The upstream of an attempt; where a relation leads from; whose handshake failed (0: the client's). */
  readonly upstreamId: number;
  /** Where a relation leads to; of modules: the number of their prefix. */
  readonly peerId: number;
  /** The word that tells rows of one subject apart: module endpoint, relation kind and cause, or TLS reason. */
  readonly detail: string;
}

/** Sums of one key over one stretch of time. */
export interface Sums {
  readonly counts: Counts;
  /** Start of the newest record in it, in epoch milliseconds. */
  readonly lastMs: number;
  /** HTTP status (0: none was sent) → how many. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Latencies in microseconds. */
  readonly latency: Sketch;
}

/** Counters that are all zero, to add to. */
export function zeroCounts(): Counts {
  return {
    requests: 0,
    errors: 0,
    notFound: 0,
    transportFailures: 0,
    clientClosed: 0,
    bytes: 0,
    latencySumUs: 0,
    cacheHit: 0,
    cacheRevalidated: 0,
    cacheStale: 0,
    cacheExpired: 0,
    cacheMiss: 0,
    cacheBypass: 0,
    cacheNone: 0,
  };
}
