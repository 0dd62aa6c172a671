import type { Attempt } from "#lib/core/exchange.ts";
import type { AccessAttempt } from "#lib/decode/access-record.ts";
import { attemptsOfLists } from "#lib/decode/nginx-upstreams.ts";
import type { HttpFacts, SpanRecord } from "#lib/decode/otlp-traces.ts";

import { attemptsInTurn } from "./access-log.ts";
import { exchangeOfSpan } from "./span.ts";

/** Whether a SERVER span itself tells whom its proxy asked: nginx by its lists, Caddy by an address, Envoy by an address of a cluster. */
export function tellsAttempts(http: HttpFacts): boolean {
  return http.upstreamAddr !== null || http.endpoint !== null;
}

/**
 * Whether it tells so as Envoy does, which names the address and its cluster whether or not it sends CLIENT spans that
 * tell of the same (docs/decisions/0034-envoy-habits.md).
 */
export function namesCluster(http: HttpFacts): boolean {
  return http.upstreamAddr === null && http.endpoint !== null && http.upstream !== null;
}

/** The attempts that a SERVER span itself tells of. */
export function toldAttemptsOf(span: SpanRecord, http: HttpFacts): readonly Attempt[] {
  if (!tellsAttempts(http)) return [];
  if (http.upstreamAddr === null) return attemptsAtAddress(span, http);
  const lists = {
    addresses: http.upstreamAddr,
    statuses: http.upstreamStatus,
    responseTimes: http.upstreamResponseTime,
    name: http.upstream,
  };
  const attempts = attemptsOfLists(lists, http.status);
  return attemptsInTurn(
    http.upstreamStatus === null ? lastAnswered(attempts, http.status) : attempts,
    span.startUs,
  );
}

/** Without a list of statuses the answer's is that of the attempt asked last; those before it were left. */
function lastAnswered(
  attempts: readonly AccessAttempt[],
  status: number | null,
): readonly AccessAttempt[] {
  return attempts.map((attempt, place) =>
    place < attempts.length - 1 || attempt.canceled ? attempt : { ...attempt, status },
  );
}

const clientClosed = 499;

/** The answer is that of the address, which is the last one asked; nobody tells how long it took. */
function attemptsAtAddress(span: SpanRecord, http: HttpFacts): readonly Attempt[] {
  const { errorType, status } = exchangeOfSpan(span, http);
  // Envoy answers for an upstream that fails; where it answers nothing, its client has left.
  const canceled = status === clientClosed || (status === null && namesCluster(http));
  const attempt = {
    upstream: http.upstream ?? http.endpoint,
    endpoint: http.endpoint,
    durationUs: null,
    status: canceled ? null : status,
    errorType: canceled ? null : errorType,
    tlsReason: null,
    canceled,
  };
  return attemptsInTurn([attempt], span.startUs);
}
