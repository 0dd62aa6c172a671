import { z } from "zod";

import { sources } from "#lib/core/exchange.ts";

const count = z.int().nonnegative();
const ratio = z.number().min(0).max(1).nullable();
const ms = z.number().nonnegative().nullable();

/** Exchanges per cache outcome. */
export const cacheCounts = z.object({
  hit: count,
  revalidated: count,
  stale: count,
  expired: count,
  miss: count,
  bypass: count,
  none: count,
});

/** One proxy over a window; `null` means not measured. */
export const proxySummary = z.object({
  proxy: z.string(),
  source: z.enum(sources),
  requests: count,
  errors: count,
  errorRate: ratio,
  notFound: count,
  clientClosed: count,
  latencyMsP50: ms,
  latencyMsP95: ms,
  latencyMsP99: ms,
  cache: cacheCounts,
  hitRatio: ratio,
  fallbacks: count,
  retries: count,
  failovers: count,
  tlsFailures: count,
  bytes: count,
  lastSeen: z.iso.datetime().nullable(),
});
export type ProxySummary = z.infer<typeof proxySummary>;

/** One upstream of one proxy over a window. `fallbacks`: exchanges that left it for another upstream. */
export const upstreamSummary = z.object({
  proxy: z.string(),
  upstream: z.string(),
  source: z.enum(sources),
  attempts: count,
  errors: count,
  errorRate: ratio,
  notFound: count,
  latencyMsP50: ms,
  latencyMsP95: ms,
  latencyMsP99: ms,
  retries: count,
  failovers: count,
  fallbacks: count,
  tlsFailures: count,
  /** HTTP status → attempts; `"0"`: none was answered. */
  statuses: z.record(z.string(), count),
  lastSeen: z.iso.datetime().nullable(),
});
export type UpstreamSummary = z.infer<typeof upstreamSummary>;

/** Answer of `GET /api/v1/proxies`. */
export const proxiesAnswer = z.object({ items: z.array(proxySummary) });
/** Answer of `GET /api/v1/upstreams`. */
export const upstreamsAnswer = z.object({ items: z.array(upstreamSummary) });
export type ProxiesAnswer = z.infer<typeof proxiesAnswer>;
export type UpstreamsAnswer = z.infer<typeof upstreamsAnswer>;
