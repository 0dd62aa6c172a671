import { incidentsParams } from "#lib/contract/incidents.ts";
import { queryIncidents } from "#lib/query/incidents.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(incidentsParams, ({ db, scope, params }) =>
  queryIncidents(db, scope, params),
);
