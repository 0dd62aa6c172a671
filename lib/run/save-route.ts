import type {
  NotificationPolicyDocument,
  RoutesAnswer,
  RoutesChange,
} from "#lib/contract/routes.ts";
import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { problemOfMatcher } from "#lib/notify/matchers.ts";
import { allRoutes } from "#lib/notify/policy.ts";
import { listChannels } from "#lib/store/channels.ts";
import { lockIntake } from "#lib/store/notification-alerts.ts";
import { writePolicy } from "#lib/store/routes.ts";

import { placeAnew } from "./channels/place-anew.ts";
import { CommandRefused } from "./command-refused.ts";

const routesMax = 500;

/** Replaces the tree of routes; every alert finds its place in the new tree at once. */
export async function saveRoutes(
  db: Database,
  project: number,
  { policy, revision }: RoutesChange,
  nowMs: number,
): Promise<RoutesAnswer> {
  refuseMatchers(policy);
  const wanted = new Set(allRoutes(policy).flatMap((route) => route.channels));
  return inTransaction(db, async (client) => {
    await lockIntake(client, project);
    const known = new Set((await listChannels(client, project)).map((channel) => channel.id));
    const unknown = [...wanted].find((id) => !known.has(id));
    if (unknown !== undefined) throw new CommandRefused(400, `There is no channel ${unknown}.`);
    const written = await writePolicy(client, project, policy, revision);
    if (written === null) {
      throw new CommandRefused(409, "Somebody changed the routes meanwhile: look at them again.");
    }
    await placeAnew(client, project, policy, nowMs);
    return { policy, revision: written };
  });
}

function refuseMatchers({ route, inhibit }: NotificationPolicyDocument): void {
  if (route.matchers.length > 0) {
    throw new CommandRefused(400, "The first route takes every alert: it has no matchers.");
  }
  const routes = allRoutes({ route, inhibit });
  if (routes.length > routesMax) {
    throw new CommandRefused(400, `There are more than ${routesMax} routes.`);
  }
  const matchers = [
    ...routes.flatMap((one) => one.matchers),
    ...inhibit.flatMap((rule) => [...rule.source, ...rule.target]),
  ];
  const problem = matchers.map(problemOfMatcher).find((sentence) => sentence !== null);
  if (problem !== undefined) throw new CommandRefused(400, problem);
}
