import type { UpstreamSummary } from "#lib/contract/summary.ts";

import { judgeUpstream, worstFirst } from "../overview/prepare-state.ts";
import type { SortColumn } from "../window/window-state.ts";

type Direction = "asc" | "desc";

/** Orders upstreams by a column; what was not measured stands last in either direction. */
export function sortUpstreams(
  upstreams: readonly UpstreamSummary[],
  column: SortColumn,
  direction: Direction,
): UpstreamSummary[] {
  const worst = worstFirst(upstreams, judgeUpstream);
  if (column === "worst") return direction === "desc" ? worst : worst.toReversed();
  const sign = direction === "asc" ? 1 : -1;
  if (column === "upstream") {
    return worst.toSorted(
      (a, b) =>
        sign * (a.upstream.localeCompare(b.upstream, "en") || a.proxy.localeCompare(b.proxy, "en")),
    );
  }
  return worst.toSorted((a, b) => compareMeasured(a[column], b[column], sign));
}

/** The upstreams whose name or proxy holds every word of the search. */
export function findUpstreams(
  upstreams: readonly UpstreamSummary[],
  search: string,
): UpstreamSummary[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return upstreams.filter(({ upstream, proxy }) => {
    const name = `${upstream} ${proxy}`.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

function compareMeasured(a: number | null, b: number | null, sign: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * (a - b);
}
