import type { ClientBase } from "pg";

import { notificationPolicy } from "#lib/contract/routes.ts";
import type { Database } from "#lib/db/open.ts";
import type { NotificationPolicy } from "#lib/notify/policy.ts";
import { readPolicy } from "#lib/store/routes.ts";

/** The tree before anybody saved one: nobody is told. */
export const noPolicy: NotificationPolicy = {
  route: { matchers: [], channels: [], continue: false, routes: [] },
  inhibit: [],
};

/** Where alerts of a project go now. */
export async function policyOf(
  on: Database["pool"] | ClientBase,
  project: number,
): Promise<{ readonly policy: NotificationPolicy; readonly revision: number }> {
  const stored = await readPolicy(on, project);
  if (stored === null) return { policy: noPolicy, revision: 0 };
  return { policy: notificationPolicy.parse(stored.policy), revision: stored.revision };
}
