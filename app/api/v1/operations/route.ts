import { z } from "zod";

import { readOperations } from "#lib/run/read-operations.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(z.object({}), ({ db, project, scope }) =>
  readOperations(db, project, scope.window, Date.now()),
);
