import { z } from "zod";

import { tokenChange } from "#lib/contract/tokens.ts";
import { makeToken, readTokens } from "#lib/run/tokens.ts";

import { thingQuestion } from "../../answer.ts";
import { command } from "../../command.ts";

export const GET = thingQuestion(
  z.object({}),
  ({ db, project }) => readTokens(db, project, Date.now()),
  "There are no tokens.",
);

export const POST = command({ body: tokenChange }, ({ db, project, body }) =>
  makeToken(db, project, body, Date.now()),
);
