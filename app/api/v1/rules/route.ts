import { z } from "zod";

import { newRule } from "#lib/contract/rules.ts";
import { readRule, readRules } from "#lib/run/read-rules.ts";
import { createRule } from "#lib/run/save-rule.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  ({ db, project }) => readRules(db, project),
  "There are no rules.",
);

export const POST = command({ body: newRule }, async ({ db, project, body }) => {
  const { key, enabled, ...definition } = body;
  await createRule(db, project, key, { definition, enabled });
  return readRule(db, project, key);
});
