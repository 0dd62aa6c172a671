import type { ExchangeItem, ExchangesAnswer, ExchangesParams } from "#lib/contract/exchanges.ts";
import type { Database } from "#lib/db/open.ts";
import { queryPlaces } from "#lib/query/places.ts";
import type { Scope } from "#lib/query/scope.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { exchangesAt } from "./exchanges/at-places.ts";

/** Exchanges of the window as `readExchanges` finds them, and how much of what is stored could not be read. */
export async function answerExchanges(
  db: Database,
  scope: Scope,
  params: ExchangesParams,
): Promise<ExchangesAnswer> {
  const leftOut = new LeftOut();
  const items = await readExchanges(db, scope, params, leftOut);
  return { items, unreadable: leftOut.rows };
}

/** Exchanges of the window, the worst or the newest first; with an upstream, those that asked it. */
export async function readExchanges(
  db: Database,
  scope: Scope,
  params: ExchangesParams,
  leftOut = new LeftOut(),
): Promise<ExchangeItem[]> {
  const { order, limit, proxy, upstream, ...filter } = params;
  const asked = { ...scope, proxy, upstream };
  const places = await queryPlaces(db, asked, { order, limit, filter }, leftOut);
  const found = await exchangesAt(db, scope.project, places, leftOut);
  // Two attempts at the upstream may belong to one exchange.
  return [...new Map(found.map(({ item }) => [item.id, item])).values()];
}
