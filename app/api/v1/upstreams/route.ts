import { scopeParams } from "#lib/contract/scope.ts";
import type { UpstreamsAnswer } from "#lib/contract/summary.ts";
import { queryUpstreams } from "#lib/query/upstreams.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  scopeParams,
  async ({ db, scope, params }): Promise<UpstreamsAnswer> => ({
    items: await queryUpstreams(db, { ...scope, ...params }),
  }),
);
