import { deliveriesParams, type DeliveriesAnswer } from "#lib/contract/deliveries.ts";
import { queryDeliveries } from "#lib/query/deliveries.ts";

import { thingQuestion } from "../../answer.ts";

export const GET = thingQuestion(
  deliveriesParams,
  async ({ db, project, params }): Promise<DeliveriesAnswer> => ({
    items: await queryDeliveries(db, project, params),
  }),
  "There are no deliveries.",
);
