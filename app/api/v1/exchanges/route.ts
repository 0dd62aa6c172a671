import { exchangesParams, type ExchangesAnswer } from "#lib/contract/exchanges.ts";
import { queryExchanges } from "#lib/query/exchanges.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  exchangesParams,
  async ({ db, project, window, params }): Promise<ExchangesAnswer> => ({
    items: await queryExchanges(db, { project, window }, params),
  }),
);
