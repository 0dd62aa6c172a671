import { alertsParams, type AlertsAnswer } from "#lib/contract/alerts.ts";
import { readAlerts } from "#lib/run/read-alerts.ts";

import { thingQuestion } from "../../answer.ts";

export const GET = thingQuestion(
  alertsParams,
  async ({ db, project, params }): Promise<AlertsAnswer> => ({
    items: await readAlerts(db, project, params, Date.now()),
  }),
  "There are no alerts.",
);
