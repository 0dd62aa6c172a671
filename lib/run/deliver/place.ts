import { createHash } from "node:crypto";

import {
  groupKeyOf,
  groupLabelsOf,
  routesFor,
  type NotificationPolicy,
} from "#lib/notify/policy.ts";
import type { Placement } from "#lib/store/notification-groups.ts";

import type { ToldAlert } from "./told-alert.ts";

/** The groups that an alert belongs to; `sinceMs` is when its first notification begins to wait. */
export function placementsOf(
  policy: NotificationPolicy,
  told: ToldAlert,
  sinceMs: number,
): Placement[] {
  return routesFor(policy, told.alert.labels)
    .filter((route) => route.channels.length > 0)
    .map((route) => {
      const groupLabels = groupLabelsOf(route, told.alert.labels);
      const groupKey = groupKeyOf(route, groupLabels);
      return {
        groupId: groupIdOf(groupKey),
        groupKey,
        routeKey: route.key,
        groupLabels,
        alertKey: told.alertKey,
        flushAtMs: sinceMs + route.groupWaitMs,
      };
    });
}

/** A short name for a group key. */
export function groupIdOf(groupKey: string): string {
  return createHash("sha256").update(groupKey).digest("hex").slice(0, 32);
}
