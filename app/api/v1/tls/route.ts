import { scopeParams } from "#lib/contract/scope.ts";
import type { TlsAnswer } from "#lib/contract/tls.ts";
import { queryTls } from "#lib/query/tls.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(
  scopeParams,
  async ({ db, scope, params }): Promise<TlsAnswer> => ({
    items: await queryTls(db, { ...scope, ...params }),
  }),
);
