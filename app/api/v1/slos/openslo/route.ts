import { z } from "zod";

import { openSloBody, type OpenSloAnswer } from "#lib/contract/slos.ts";
import { exportOpenSlo, importOpenSlo } from "#lib/run/openslo.ts";

import { thingQuestion } from "../../../answer.ts";
import { command } from "../../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  async ({ db, project }): Promise<OpenSloAnswer> => ({ yaml: await exportOpenSlo(db, project) }),
  "There are no objectives.",
);

export const POST = command({ body: openSloBody }, async ({ db, project, body }) => ({
  keys: await importOpenSlo(db, project, body.yaml),
}));
