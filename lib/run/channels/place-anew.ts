import type { ClientBase } from "pg";

import type { NotificationPolicy } from "#lib/notify/policy.ts";
import { everyAlert } from "#lib/store/notification-alerts.ts";
import { hastenKnownGroups, leaveFormer, placeAlerts } from "#lib/store/notification-groups.ts";

import { placementsOf } from "../deliver/place.ts";
import { readableAlerts } from "../deliver/told-alert.ts";

/** Puts every alert into the groups of new routes, under the intake's lock; a channel that was told of one hears of its end, wherever it is now. */
export async function placeAnew(
  client: ClientBase,
  project: number,
  policy: NotificationPolicy,
  nowMs: number,
): Promise<void> {
  const alerts = readableAlerts(await everyAlert(client, project));
  const placements = alerts.flatMap((told) => placementsOf(policy, told, nowMs));
  await leaveFormer(client, project, placements, nowMs);
  if (placements.length > 0) await placeAlerts(client, project, placements);
  await hastenKnownGroups(client, project, nowMs);
}
