import { sloDefinition, sloParams } from "#lib/contract/slos.ts";
import { readSlo } from "#lib/run/read-slos.ts";
import { changeSlo, removeSlo } from "#lib/run/save-slo.ts";
import { webKeep } from "#lib/run/web-database.ts";

import { thingQuestion } from "../../../answer.ts";
import { command } from "../../../command.ts";

export const GET = thingQuestion(
  sloParams,
  ({ db, project, params }) =>
    readSlo(db, { project, nowMs: Date.now(), keep: webKeep() }, params.key),
  "There is no such objective.",
);

export const PUT = command(
  { params: sloParams, body: sloDefinition },
  async ({ db, project, params, body }) => {
    await changeSlo(db, project, params.key, body);
    return readSlo(db, { project, nowMs: Date.now(), keep: webKeep() }, params.key);
  },
);

export const DELETE = command({ params: sloParams }, async ({ db, project, params }) => {
  await removeSlo(db, project, params.key);
  return { key: params.key };
});
