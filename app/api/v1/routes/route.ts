import { z } from "zod";

import { routesChange } from "#lib/contract/routes.ts";
import { readRoutes } from "#lib/run/read-routes.ts";
import { saveRoutes } from "#lib/run/save-route.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  ({ db, project }) => readRoutes(db, project),
  "There are no routes.",
);

export const PUT = command({ body: routesChange }, ({ db, project, body }) =>
  saveRoutes(db, project, body, Date.now()),
);
