import type { ClientBase } from "pg";

import type { Decision, GroupMember } from "#lib/notify/decide.ts";
import { muteOf, type Silence } from "#lib/notify/mute.ts";
import type { NotificationPolicy } from "#lib/notify/policy.ts";
import type { DeliveryMember } from "#lib/store/deliveries.ts";
import { everyAlert } from "#lib/store/notification-alerts.ts";
import type { StoredGroup, StoredMember } from "#lib/store/notification-groups.ts";

import { readableAlerts, toldAlert, type ToldAlert } from "./told-alert.ts";

/** An alert of the group; `former` when the routes no longer bring it here. */
interface ToldMember extends ToldAlert {
  readonly former: boolean;
}

export function memberAlert(row: StoredMember): ToldMember {
  return { ...toldAlert(row), former: row.former };
}

/** An alert of the group as its channels may hear of it. */
export interface Member extends GroupMember {
  readonly told: ToldAlert;
}

/** Who of the group is hidden: by a silence, by another alert, or because the routes lead elsewhere by now. */
export async function membersOf(
  { client, group, nowMs }: Looking,
  policy: NotificationPolicy,
  told: readonly ToldMember[],
  silences: readonly Silence[],
): Promise<Member[]> {
  const others =
    policy.inhibit.length === 0
      ? []
      : readableAlerts(await everyAlert(client, group.project)).map(({ alert }) => alert);
  return told.map((one) => ({
    fingerprint: one.alert.fingerprint,
    status: one.alert.status,
    muted: one.former || muteOf(one.alert, others, silences, policy.inhibit, nowMs) !== null,
    told: one,
  }));
}

interface Looking {
  readonly client: ClientBase;
  readonly group: StoredGroup;
  readonly nowMs: number;
}

/** The members that a message is about, without the ends that a channel does not want. */
export function spokenMembers(
  members: readonly Member[],
  decision: Decision,
  sendResolved: boolean,
): Member[] {
  const visible = new Set(decision.visible.map((member) => member.fingerprint));
  return members.filter(
    (member) => visible.has(member.fingerprint) && (sendResolved || member.status === "firing"),
  );
}

/** The members of a message as its delivery keeps them. */
export function decidedMembers(members: readonly Member[], decision: Decision): DeliveryMember[] {
  return spokenMembers(members, decision, true).map(({ told, fingerprint, status }) => ({
    alertKey: told.alertKey,
    version: told.version,
    fingerprint,
    status,
  }));
}
