import { alertParams, newNote } from "#lib/contract/alerts.ts";
import { noteAlert } from "#lib/run/note-alert.ts";
import { readAlert } from "#lib/run/read-alert.ts";
import { webTelemetryDays } from "#lib/run/web-database.ts";

import { command } from "../../../../../command.ts";

export const POST = command(
  { params: alertParams, body: newNote },
  async ({ db, project, params, body }) => {
    await noteAlert(db, project, params, body);
    const { incident } = body;
    const question = { ...params, incident, telemetryKeptDays: webTelemetryDays() };
    return readAlert(db, project, question, Date.now());
  },
);
