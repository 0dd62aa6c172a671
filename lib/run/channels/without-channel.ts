import type { ClientBase } from "pg";

import type { RouteNode } from "#lib/notify/policy.ts";
import { lockIntake } from "#lib/store/notification-alerts.ts";
import { writePolicy } from "#lib/store/routes.ts";

import { CommandRefused } from "../command-refused.ts";
import { policyOf } from "../notification-policy.ts";

/** Takes a channel out of every route. */
export async function withoutChannel(
  client: ClientBase,
  project: number,
  channelId: string,
): Promise<void> {
  await lockIntake(client, project);
  const { policy, revision } = await policyOf(client, project);
  if (revision === 0) return;
  const rest = { ...policy, route: without(policy.route, channelId) };
  const written = await writePolicy(client, project, rest, revision);
  if (written === null) {
    throw new CommandRefused(409, "Somebody changed the routes meanwhile: try again.");
  }
}

function without(node: RouteNode, channelId: string): RouteNode {
  const { channels } = node;
  return {
    ...node,
    ...(channels === undefined ? {} : { channels: channels.filter((id) => id !== channelId) }),
    routes: node.routes.map((child) => without(child, channelId)),
  };
}
