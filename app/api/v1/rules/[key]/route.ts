import { changedRule, ruleParams } from "#lib/contract/rules.ts";
import { readRule } from "#lib/run/read-rules.ts";
import { changeRule, removeRule } from "#lib/run/save-rule.ts";

import { thingQuestion } from "../../../answer.ts";
import { command } from "../../../command.ts";

export const GET = thingQuestion(
  ruleParams,
  ({ db, project, params }) => readRule(db, project, params.key),
  "There is no such rule.",
);

export const PUT = command(
  { params: ruleParams, body: changedRule },
  async ({ db, project, params, body }) => {
    const { enabled, ...definition } = body;
    await changeRule(db, project, params.key, { definition, enabled });
    return readRule(db, project, params.key);
  },
);

export const DELETE = command({ params: ruleParams }, async ({ db, project, params }) => {
  await removeRule(db, project, params.key);
  return { key: params.key };
});
