import { deliveryParams } from "#lib/contract/deliveries.ts";
import { queryDelivery } from "#lib/query/deliveries.ts";

import { thingQuestion } from "../../../answer.ts";

export const GET = thingQuestion(
  deliveryParams,
  ({ db, project, params }) => queryDelivery(db, project, params.id),
  "There is no such delivery, or it is past its 30 days.",
);
