import type { ExchangeAnswer } from "#lib/contract/exchanges.ts";
import { exchangeParams } from "#lib/contract/scope.ts";
import { readExchange } from "#lib/run/read-exchange.ts";

import { thingQuestion } from "../../../answer.ts";

export const GET = thingQuestion(
  exchangeParams,
  ({ db, project, params }): Promise<ExchangeAnswer | null> =>
    readExchange(db, { project, id: params.id }),
  "There is no exchange with this id; it may be older than the retention.",
);
