import { correctionParams } from "#lib/contract/slos.ts";
import { removeCorrection } from "#lib/run/save-slo.ts";

import { command } from "../../../../../command.ts";

export const DELETE = command({ params: correctionParams }, async ({ db, project, params }) => {
  await removeCorrection(db, project, params.key, params.id);
  return { id: params.id };
});
