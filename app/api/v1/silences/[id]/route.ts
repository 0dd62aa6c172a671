import { newSilence, silenceParams } from "#lib/contract/silences.ts";
import { changeSilence, endSilence } from "#lib/run/silences.ts";

import { command } from "../../../command.ts";

export const PUT = command(
  { params: silenceParams, body: newSilence },
  ({ db, project, params, body }) => changeSilence(db, project, params.id, body, Date.now()),
);

export const DELETE = command({ params: silenceParams }, async ({ db, project, params }) => {
  await endSilence(db, project, params.id, Date.now());
  return { id: params.id };
});
