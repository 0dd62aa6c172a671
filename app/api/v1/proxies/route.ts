import { z } from "zod";

import type { ProxiesAnswer } from "#lib/contract/summary.ts";
import { queryProxies } from "#lib/query/proxies.ts";

import { windowQuestion } from "../../answer.ts";

export const GET = windowQuestion(z.object({}), async ({ db, scope }): Promise<ProxiesAnswer> => ({
  items: await queryProxies(db, scope),
}));
