import { z } from "zod";

import { newSilence, type SilencesAnswer } from "#lib/contract/silences.ts";
import { createSilence, readSilences } from "#lib/run/silences.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  async ({ db, project }): Promise<SilencesAnswer> => ({
    items: await readSilences(db, project, Date.now()),
  }),
  "There are no silences.",
);

export const POST = command({ body: newSilence }, ({ db, project, body }) =>
  createSilence(db, project, body, Date.now()),
);
