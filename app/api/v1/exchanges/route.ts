import { exchangesQuery, type ExchangesAnswer } from "#lib/contract/exchanges.ts";
import { readExchanges } from "#lib/run/read-exchanges.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  exchangesQuery,
  async ({ db, scope, params }): Promise<ExchangesAnswer> => ({
    items: await readExchanges(db, scope, params),
  }),
);
