import type { ProxySummary, UpstreamSummary } from "#lib/contract/summary.ts";

/** How much attention something needs, most first. */
export const states = ["failing", "degraded", "ok", "quiet"] as const;
export type State = (typeof states)[number];

/** From these error rates on something is failing or degraded. */
export const failingFrom = 0.05;
export const degradedFrom = 0.01;
/** Fewer errors than this never mean failing: two failed requests on a quiet night are no outage. */
export const failingErrorsMin = 3;

/** The numbers of a proxy or an upstream that its state is judged by. */
export interface Judged {
  readonly total: number;
  readonly errors: number;
  readonly tlsFailures: number;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
}

/** A slow tail: every twentieth takes this long, and as many times what is usual. */
const slowFromMs = 500;
const slowFactor = 8;
/** Fewer requests than this have no tail to judge. */
const slowTotalMin = 100;

/** Whether one in twenty takes far longer than is usual there: a slow spell, or a part that is slow. */
export function isSlow({
  total,
  latencyMsP50,
  latencyMsP95,
}: Omit<Judged, "errors" | "tlsFailures">): boolean {
  if (total < slowTotalMin || latencyMsP50 === null || latencyMsP95 === null) return false;
  return latencyMsP95 >= slowFromMs && latencyMsP95 >= latencyMsP50 * slowFactor;
}

/** What attention something needs: by its proven error rate, by failed handshakes, and by a slow tail. */
export function stateOf(judged: Judged): State {
  if (judged.total === 0 && judged.tlsFailures === 0) return "quiet";
  const rate = provenErrorRate(judged.errors, judged.total);
  if (rate >= failingFrom && judged.errors >= failingErrorsMin) return "failing";
  const degraded = rate >= degradedFrom || judged.tlsFailures > 0 || isSlow(judged);
  return degraded ? "degraded" : "ok";
}

/**
 * The error rate that the numbers prove with 95 % confidence (lower end of the Wilson interval),
 * so that the share counts for more the more requests stand behind it.
 */
export function provenErrorRate(errors: number, total: number): number {
  if (total === 0) return 0;
  const z = 1.96;
  const rate = errors / total;
  const middle = rate + z ** 2 / (2 * total);
  const margin = z * Math.sqrt((rate * (1 - rate)) / total + z ** 2 / (4 * total ** 2));
  return Math.max(0, (middle - margin) / (1 + z ** 2 / total));
}

/** Orders by attention: state, proven error rate, failed handshakes, then P95. */
export function worstFirst<Item>(items: readonly Item[], judge: (item: Item) => Judged): Item[] {
  return items
    .map((item) => {
      const judged = judge(item);
      return {
        item,
        rank: states.indexOf(stateOf(judged)),
        rate: provenErrorRate(judged.errors, judged.total),
        judged,
      };
    })
    .toSorted(
      (a, b) =>
        a.rank - b.rank ||
        b.rate - a.rate ||
        b.judged.tlsFailures - a.judged.tlsFailures ||
        (b.judged.latencyMsP95 ?? -1) - (a.judged.latencyMsP95 ?? -1),
    )
    .map(({ item }) => item);
}

/** A proxy by what its state is judged by. */
export function judgeProxy(proxy: ProxySummary): Judged {
  return { ...proxy, total: proxy.requests };
}

/** An upstream by what its state is judged by. */
export function judgeUpstream(upstream: UpstreamSummary): Judged {
  return { ...upstream, total: upstream.attempts };
}
