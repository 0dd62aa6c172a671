import { alertParams } from "#lib/contract/alerts.ts";
import { readAlert } from "#lib/run/read-alerts.ts";

import { thingQuestion } from "../../../../answer.ts";

export const GET = thingQuestion(
  alertParams,
  ({ db, project, params }) => readAlert(db, project, params, Date.now()),
  "Nothing is known of such an alert.",
);
