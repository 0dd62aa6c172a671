import { alertParams, newNote } from "#lib/contract/alerts.ts";
import { noteAlert } from "#lib/run/note-alert.ts";
import { readAlert } from "#lib/run/read-alerts.ts";

import { command } from "../../../../../command.ts";

export const POST = command(
  { params: alertParams, body: newNote },
  async ({ db, project, params, body }) => {
    await noteAlert(db, project, params, body);
    return readAlert(db, project, params, Date.now());
  },
);
