import type { FallbackEdge } from "#lib/contract/fallbacks.ts";
import { fallbackCauses, type FallbackCause } from "#lib/core/relations.ts";
import type { Database } from "#lib/db/open.ts";

import { readCounted } from "./counted.ts";
import { namesOf } from "./names.ts";
import type { Scope } from "./scope.ts";

/** From which upstream to which exchanges fell back in the window, and why; most first. */
export async function queryFallbacks(db: Database, scope: Scope): Promise<FallbackEdge[]> {
  // An edge concerns the upstream at either end, so that it is filtered here and not in the scope.
  const { upstream, ...wider } = scope;
  const { rows } = await readCounted(db, wider, { subjects: ["relation"] });
  const fallbacks = rows.filter((row) => row.detail.startsWith("fallback:"));
  const nameOf = await namesOf(
    db,
    scope.project,
    fallbacks.flatMap((row) => [row.proxyId, row.upstreamId, row.peerId]),
  );
  const edges = new Map<string, Edge>();
  for (const row of fallbacks) {
    const key = `${row.proxyId} ${row.upstreamId} ${row.peerId}`;
    const edge = edges.get(key) ?? {
      proxy: nameOf(row.proxyId),
      from: nameOf(row.upstreamId),
      to: nameOf(row.peerId),
      count: 0,
      causes: {},
    };
    edges.set(key, edge);
    const cause = fallbackCauses.find((name) => row.detail === `fallback:${name}`) ?? "other";
    edge.count += row.counts.requests;
    edge.causes[cause] = (edge.causes[cause] ?? 0) + row.counts.requests;
  }
  return [...edges.values()]
    .filter((edge) => upstream === undefined || edge.from === upstream || edge.to === upstream)
    .filter((edge) => edge.count > 0)
    .toSorted((a, b) => b.count - a.count);
}

interface Edge extends FallbackEdge {
  count: number;
  causes: Partial<Record<FallbackCause, number>>;
}
