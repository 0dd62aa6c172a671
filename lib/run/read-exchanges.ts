import type { ExchangeItem, ExchangesParams } from "#lib/contract/exchanges.ts";
import type { Database } from "#lib/db/open.ts";
import { queryPlaces } from "#lib/query/places.ts";
import type { Scope } from "#lib/query/scope.ts";

import { exchangesAt } from "./exchanges/at-places.ts";

/** Exchanges of the window, the worst or the newest first; with an upstream, those that asked it. */
export async function readExchanges(
  db: Database,
  scope: Scope,
  params: ExchangesParams,
): Promise<ExchangeItem[]> {
  const { order, limit, proxy, upstream, ...filter } = params;
  const places = await queryPlaces(db, { ...scope, proxy, upstream }, { order, limit, filter });
  const found = await exchangesAt(db, scope.project, places);
  // Two attempts at the upstream may belong to one exchange.
  return [...new Map(found.map(({ item }) => [item.id, item])).values()];
}
