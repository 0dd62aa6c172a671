import type { FallbacksAnswer } from "#lib/contract/fallbacks.ts";
import { scopeParams } from "#lib/contract/scope.ts";
import { queryFallbacks } from "#lib/query/fallbacks.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  scopeParams,
  async ({ db, scope, params }): Promise<FallbacksAnswer> => ({
    items: await queryFallbacks(db, { ...scope, ...params }),
  }),
);
