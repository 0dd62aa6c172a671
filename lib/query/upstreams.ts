import type { UpstreamSummary } from "#lib/contract/summary.ts";
import type { SumsTotal } from "#lib/core/merge.ts";
import { quantileMs } from "#lib/core/sketch.ts";
import type { Database } from "#lib/db/open.ts";
import type { RollupRow } from "#lib/db/rollup-row.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import type { Scope } from "./scope.ts";
import { ratio, relationsBy, timeSeen, totalsBy } from "./totals.ts";

/** Every upstream that was asked in the window, once per proxy that asked it, the highest error rate first. */
export async function queryUpstreams(db: Database, scope: Scope): Promise<UpstreamSummary[]> {
  const { rows, sourceOf } = await readCounted(db, scope, {
    subjects: ["attempt", "relation", "tls"],
  });
  const asked = rows.filter((row) => row.subject === "attempt");
  const totals = totalsBy(asked, pairOf);
  const relations = relationsBy(rows, pairOf);
  const tls = totalsBy(
    rows.filter((row) => row.subject === "tls"),
    pairOf,
  );
  const nameOf = await namesOf(
    db,
    scope.project,
    asked.flatMap((row) => [row.proxyId, row.upstreamId]),
  );
  const items = [...totals].map(([pair, total]): UpstreamSummary => {
    const [proxyId = 0, upstreamId = 0] = pair.split(" ").map(Number);
    const left = relations.get(pair) ?? noRelations;
    return {
      proxy: nameOf(proxyId),
      upstream: nameOf(upstreamId),
      source: sourceOf.get(proxyId) ?? "spans",
      ...answersOf(total),
      retries: left.retry,
      failovers: left.failover,
      fallbacks: left.fallback,
      tlsFailures: tls.get(pair)?.counts.requests ?? 0,
    };
  });
  return items.toSorted(worstFirst);
}

const noRelations = { retry: 0, failover: 0, fallback: 0 };

function pairOf(row: RollupRow): string {
  return `${row.proxyId} ${row.upstreamId}`;
}

function answersOf(total: SumsTotal) {
  const { counts, latency, statuses, lastMs } = total.toSums();
  return {
    attempts: counts.requests,
    errors: counts.errors,
    errorRate: ratio(counts.errors, counts.requests),
    notFound: counts.notFound,
    latencyMsP50: quantileMs(latency, 500),
    latencyMsP95: quantileMs(latency, 950),
    latencyMsP99: quantileMs(latency, 990),
    statuses: Object.fromEntries([...statuses].map(([status, count]) => [`${status}`, count])),
    lastSeen: timeSeen(lastMs),
  };
}

function worstFirst(a: UpstreamSummary, b: UpstreamSummary): number {
  return (
    (b.errorRate ?? 0) - (a.errorRate ?? 0) ||
    b.fallbacks - a.fallbacks ||
    (b.latencyMsP95 ?? 0) - (a.latencyMsP95 ?? 0)
  );
}
