import { deliveryParams } from "#lib/contract/deliveries.ts";
import { resend } from "#lib/run/resend.ts";

import { command } from "../../../../command.ts";

export const POST = command({ params: deliveryParams }, ({ db, project, params }) =>
  resend(db, project, params.id, Date.now()),
);
