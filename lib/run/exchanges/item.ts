import type { ExchangeItem } from "#lib/contract/exchanges.ts";
import type { Attempt, Exchange } from "#lib/core/exchange.ts";

/** An exchange, and the text of the record that tells of it. */
export interface FoundExchange {
  readonly item: ExchangeItem;
  readonly raw: string;
}

/** An exchange as the API tells it. */
export function itemOf(
  place: { readonly blockId: number; readonly position: number },
  exchange: Exchange,
  traceId: string | null,
): ExchangeItem {
  return {
    id: `${place.blockId}-${place.position}`,
    time: new Date(exchange.startUs / 1000).toISOString(),
    proxy: exchange.proxy,
    method: exchange.method,
    path: exchange.path,
    status: exchange.status,
    errorType: exchange.errorType,
    latencyMs: msOf(exchange.durationUs),
    cache: exchange.cache,
    module: exchange.module,
    attempts: exchange.attempts.map(attemptItemOf),
    traceId,
  };
}

/** An attempt as the API tells it. */
export function attemptItemOf(attempt: Attempt): ExchangeItem["attempts"][number] {
  return {
    upstream: attempt.upstream,
    endpoint: attempt.endpoint,
    status: attempt.status,
    errorType: attempt.errorType,
    tlsReason: attempt.tlsReason,
    latencyMs: msOf(attempt.durationUs),
  };
}

function msOf(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
