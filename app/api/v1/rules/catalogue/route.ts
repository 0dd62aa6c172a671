import { z } from "zod";

import { expressionCatalogue } from "#lib/run/check-expression.ts";

import { thingQuestion } from "../../../answer.ts";

export const GET = thingQuestion(
  z.object({}),
  async () => expressionCatalogue(),
  "There is no catalogue.",
);
