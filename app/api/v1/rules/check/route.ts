import { checkBody } from "#lib/contract/rules.ts";
import { checkExpression } from "#lib/run/check-expression.ts";

import { command } from "../../../command.ts";

export const POST = command({ body: checkBody }, async ({ body }) =>
  checkExpression(body.text, body.per),
);
