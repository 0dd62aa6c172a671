import { newCorrection, sloParams } from "#lib/contract/slos.ts";
import { addCorrection } from "#lib/run/save-slo.ts";

import { command } from "../../../../command.ts";

export const POST = command(
  { params: sloParams, body: newCorrection },
  async ({ db, project, params, body }) => ({
    id: await addCorrection(db, project, params.key, body),
  }),
);
