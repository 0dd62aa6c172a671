import { exchangesQuery, type ExchangesAnswer } from "#lib/contract/exchanges.ts";
import { answerExchanges } from "#lib/run/read-exchanges.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  exchangesQuery,
  ({ db, scope, params }): Promise<ExchangesAnswer> => answerExchanges(db, scope, params),
);
