import type { ClientBase } from "pg";

import type { GroupMember } from "#lib/notify/decide.ts";
import type { Route } from "#lib/notify/policy.ts";
import { receiversById, type StoredChannel } from "#lib/store/channels.ts";
import type { OpenDelivery } from "#lib/store/deliveries.ts";
import { keepLogEntries, type StoredLogEntry } from "#lib/store/notification-log.ts";

/** Channels that the route no longer names, or that were removed, and that know of alerts of the group. */
export async function formerChannels(
  client: ClientBase,
  project: number,
  route: Pick<Route, "channels">,
  known: {
    readonly entries: ReadonlyMap<string, StoredLogEntry>;
    readonly open: ReadonlyMap<string, OpenDelivery>;
  },
): Promise<StoredChannel[]> {
  const told = [...known.entries].filter(([, { firing }]) => firing.length > 0).map(([id]) => id);
  const ids = [...new Set([...told, ...known.open.keys()])];
  const former = ids.filter((id) => !route.channels.includes(id));
  if (former.length === 0) return [];
  const channels = await receiversById(client, project, former);
  return channels.filter(({ disabledReason }) => disabledReason === null);
}

/** The members as a former channel may hear of them: nothing new, but the end of what it knows. */
export function onlyEnds<Member extends GroupMember>(members: readonly Member[]): Member[] {
  return members.map((member) =>
    member.status === "firing" ? { ...member, muted: true } : member,
  );
}

/** Remembers what former channels know for as long as it may take until it ends. */
export async function rememberFormer(
  client: ClientBase,
  place: { readonly project: number; readonly groupId: string },
  channels: readonly StoredChannel[],
  untilMs: number,
): Promise<void> {
  const ids = channels.map(({ id }) => id);
  if (ids.length > 0) await keepLogEntries(client, place.project, place.groupId, ids, untilMs);
}
