import { alertParams, alertSearch } from "#lib/contract/alerts.ts";
import { readAlert } from "#lib/run/read-alert.ts";
import { webTelemetryDays } from "#lib/run/web-database.ts";

import { thingQuestion } from "../../../../answer.ts";

export const GET = thingQuestion(
  alertParams.extend(alertSearch.shape),
  ({ db, project, params }) =>
    readAlert(db, project, { ...params, telemetryKeptDays: webTelemetryDays() }, Date.now()),
  "Nothing is known of such an alert.",
);
