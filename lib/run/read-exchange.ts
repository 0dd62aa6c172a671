import type { ExchangeAnswer } from "#lib/contract/exchanges.ts";
import type { Database } from "#lib/db/open.ts";
import { LeftOut } from "#lib/telemetry/left-out.ts";

import { exchangeAt, placeOfId } from "./exchanges/at-places.ts";
import { linesOfRequest } from "./exchanges/lines-of-request.ts";

/** One exchange by its id, with the line or span it was read from; null when there is none, or no more. */
export async function readExchange(
  db: Database,
  question: { readonly project: number; readonly id: string },
): Promise<ExchangeAnswer | null> {
  const leftOut = new LeftOut();
  const place = await placeOfId(db, question.project, question.id, leftOut);
  if (place === null) return null;
  const found = await exchangeAt(db, question.project, place, leftOut);
  if (found === null) return null;
  const lines = await linesOfRequest(db, question.project, found);
  return { exchange: found.item, raw: found.raw, lines };
}
