import type { ProxySummary } from "#lib/contract/summary.ts";
import { hitRatio, type CacheCounts } from "#lib/core/cache-outcome.ts";
import type { Source } from "#lib/core/exchange.ts";
import type { SumsTotal } from "#lib/core/merge.ts";
import { quantileMs } from "#lib/core/sketch.ts";
import type { Counts } from "#lib/core/sums.ts";
import type { Database } from "#lib/db/open.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import type { Scope } from "./scope.ts";
import { ratio, relationsBy, timeSeen, totalsBy, type RelationCounts } from "./totals.ts";

/** Every proxy that answered exchanges in the window, those with the highest error rate first. */
export async function queryProxies(db: Database, scope: Scope): Promise<ProxySummary[]> {
  const { rows, sourceOf } = await readCounted(db, scope, {
    subjects: ["exchange", "relation", "tls"],
  });
  const answered = totalsBy(
    rows.filter((row) => row.subject === "exchange"),
    (row) => row.proxyId,
  );
  const relations = relationsBy(rows, (row) => row.proxyId);
  const tls = totalsBy(
    rows.filter((row) => row.subject === "tls"),
    (row) => row.proxyId,
  );
  const nameOf = await namesOf(db, scope.project, answered.keys());
  const items = [...answered].map(([proxyId, total]) =>
    summaryOf(nameOf(proxyId), sourceOf.get(proxyId) ?? "spans", total, {
      relations: relations.get(proxyId),
      tlsFailures: tls.get(proxyId)?.counts.requests ?? 0,
    }),
  );
  return items.toSorted(worstFirst);
}

/** What stands in rows of other subjects than the exchange. */
interface Beside {
  readonly relations: RelationCounts | undefined;
  readonly tlsFailures: number;
}

function summaryOf(
  proxy: string,
  source: Source,
  total: SumsTotal,
  { relations, tlsFailures }: Beside,
): ProxySummary {
  const { counts, latency, lastMs } = total.toSums();
  const cache = cacheOf(counts);
  return {
    proxy,
    source,
    requests: counts.requests,
    errors: counts.errors,
    errorRate: ratio(counts.errors, counts.requests),
    notFound: counts.notFound,
    clientClosed: counts.clientClosed,
    latencyMsP50: quantileMs(latency, 500),
    latencyMsP95: quantileMs(latency, 950),
    latencyMsP99: quantileMs(latency, 990),
    cache,
    hitRatio: hitRatio(cache),
    fallbacks: relations?.fallback ?? 0,
    retries: relations?.retry ?? 0,
    failovers: relations?.failover ?? 0,
    tlsFailures,
    bytes: counts.bytes,
    lastSeen: timeSeen(lastMs),
  };
}

/** Exchanges per cache outcome, from the counters. */
export function cacheOf(counts: Counts): CacheCounts {
  return {
    hit: counts.cacheHit,
    revalidated: counts.cacheRevalidated,
    stale: counts.cacheStale,
    expired: counts.cacheExpired,
    miss: counts.cacheMiss,
    bypass: counts.cacheBypass,
    none: counts.cacheNone,
  };
}

function worstFirst(a: ProxySummary, b: ProxySummary): number {
  return (
    (b.errorRate ?? 0) - (a.errorRate ?? 0) ||
    b.fallbacks - a.fallbacks ||
    (b.latencyMsP95 ?? 0) - (a.latencyMsP95 ?? 0)
  );
}
