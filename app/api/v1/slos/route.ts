import { z } from "zod";

import { newSlo, type SlosAnswer } from "#lib/contract/slos.ts";
import { readSlo, readSlos } from "#lib/run/read-slos.ts";
import { createSlo } from "#lib/run/save-slo.ts";
import { webKeep } from "#lib/run/web-database.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  async ({ db, project }): Promise<SlosAnswer> => ({
    items: await readSlos(db, { project, nowMs: Date.now(), keep: webKeep() }),
  }),
  "There are no objectives.",
);

export const POST = command({ body: newSlo }, async ({ db, project, body }) => {
  const { key, ...definition } = body;
  await createSlo(db, project, key, definition);
  return readSlo(db, { project, nowMs: Date.now(), keep: webKeep() }, key);
});
