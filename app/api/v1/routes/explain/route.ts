import { routesQuestion } from "#lib/contract/routes.ts";
import { explainRoute } from "#lib/run/explain-route.ts";

import { command } from "../../../command.ts";

export const POST = command({ body: routesQuestion }, ({ db, project, body }) =>
  explainRoute(db, project, body.labels, Date.now()),
);
