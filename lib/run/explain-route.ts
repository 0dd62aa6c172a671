import type { RoutesExplanation } from "#lib/contract/routes.ts";
import { fingerprintOf } from "#lib/core/fingerprint.ts";
import type { Database } from "#lib/db/open.ts";
import { muteOf } from "#lib/notify/mute.ts";
import { groupKeyOf, groupLabelsOf, routesFor, type Route } from "#lib/notify/policy.ts";
import { listChannels, type StoredChannel } from "#lib/store/channels.ts";
import { everyAlert } from "#lib/store/notification-alerts.ts";
import { flushTimes } from "#lib/store/notification-groups.ts";

import { activeSilences } from "./deliver/active-silences.ts";
import { groupIdOf } from "./deliver/place.ts";
import { readableAlerts } from "./deliver/told-alert.ts";
import { policyOf } from "./notification-policy.ts";

type Labels = Readonly<Record<string, string>>;

/** Says whom an alert with these labels is told to, when, and what keeps it from being told. */
export async function explainRoute(
  db: Database,
  project: number,
  labels: Labels,
  nowMs: number,
): Promise<RoutesExplanation> {
  const [{ policy }, channels, silences, rows] = await Promise.all([
    policyOf(db.pool, project),
    listChannels(db.pool, project),
    activeSilences(db.pool, project, nowMs),
    everyAlert(db.pool, project),
  ]);
  const routes = routesFor(policy, labels).map((route) => ({
    route,
    groupKey: groupKeyOf(route, groupLabelsOf(route, labels)),
  }));
  const ids = routes.map(({ groupKey }) => groupIdOf(groupKey));
  const times = await flushTimes(db, project, ids);
  const alert = { fingerprint: fingerprintOf(labels), status: "firing" as const, labels };
  const others = readableAlerts(rows).map((told) => told.alert);
  const mute = muteOf(alert, others, silences, policy.inhibit, nowMs);
  return {
    routes: routes.map(({ route, groupKey }) => ({
      key: route.key,
      groupKey,
      channels: channelsOf(route, channels),
      groupedUntil: isoOf(times.get(groupIdOf(groupKey))),
    })),
    silencedBy: [...(mute?.silencedBy ?? [])],
    inhibitedBy: [...(mute?.inhibitedBy ?? [])],
  };
}

function channelsOf(route: Route, channels: readonly StoredChannel[]) {
  return channels
    .filter((channel) => route.channels.includes(channel.id))
    .map(({ id, name, disabledReason }) => ({ id, name, disabled: disabledReason !== null }));
}

function isoOf(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
