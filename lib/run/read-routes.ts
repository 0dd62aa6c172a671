import { notificationPolicy, type RoutesAnswer } from "#lib/contract/routes.ts";
import type { Database } from "#lib/db/open.ts";

import { policyOf } from "./notification-policy.ts";

/** The tree of routes as it stands. */
export async function readRoutes(db: Database, project: number): Promise<RoutesAnswer> {
  const { policy, revision } = await policyOf(db.pool, project);
  return { policy: notificationPolicy.parse(policy), revision };
}
