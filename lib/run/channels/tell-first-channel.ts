import type { ClientBase } from "pg";

import { lockIntake } from "#lib/store/notification-alerts.ts";
import { writePolicy } from "#lib/store/routes.ts";

import { noPolicy, policyOf } from "../notification-policy.ts";
import { placeAnew } from "./place-anew.ts";

/** Where nobody drew routes yet, the channel is told of everything. */
export async function tellFirstChannel(
  client: ClientBase,
  project: number,
  channelId: string,
  nowMs: number,
): Promise<void> {
  await lockIntake(client, project);
  const { revision } = await policyOf(client, project);
  if (revision > 0) return;
  const policy = { ...noPolicy, route: { ...noPolicy.route, channels: [channelId] } };
  const written = await writePolicy(client, project, policy, revision);
  if (written !== null) await placeAnew(client, project, policy, nowMs);
}
