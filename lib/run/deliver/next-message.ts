import {
  decideNotification,
  entryOf,
  type Decision,
  type GroupMember,
  type NotificationLogEntry,
  type Repeat,
} from "#lib/notify/decide.ts";
import type { OpenDelivery } from "#lib/store/deliveries.ts";

/** What is to be done about one channel of a group. */
type NextMessage =
  | { readonly kind: "nothing" }
  /** What is on its way says it already. */
  | { readonly kind: "wait" }
  | { readonly kind: "drop"; readonly delivery: OpenDelivery; readonly why: string }
  | { readonly kind: "tell"; readonly decision: Decision };

/** What a channel knows, and what is on its way to it. */
interface Told {
  readonly entry: NotificationLogEntry | null;
  readonly standing: OpenDelivery | undefined;
}

/** Decides what a channel is told next, from what it knows and what is on its way. */
export function nextMessage(
  members: readonly GroupMember[],
  { entry, standing }: Told,
  nowMs: number,
  repeat: Repeat,
): NextMessage {
  const decision = decideNotification(entry, members, nowMs, repeat);
  if (standing === undefined)
    return decision === null ? { kind: "nothing" } : { kind: "tell", decision };
  if (decision !== null) {
    return saysTheSame(standing, decision) ? { kind: "wait" } : { kind: "tell", decision };
  }
  const maybe =
    standing.attempts === 0
      ? null
      : decideNotification(heardOf(standing, nowMs), members, nowMs, repeat);
  // An attempt without an answer may have been heard: then the end has to be told as well.
  if (maybe !== null) return { kind: "tell", decision: maybe };
  return { kind: "drop", delivery: standing, why: "There is nothing left to tell." };
}

/** What the channel would know, had it heard what was tried. */
export function heardOf(standing: OpenDelivery, nowMs: number): NotificationLogEntry {
  return entryOf(
    standing.members.map((member) => ({ ...member, muted: false })),
    nowMs,
  );
}

function saysTheSame(standing: OpenDelivery, decision: Decision): boolean {
  return textOf(standing.members) === textOf(decision.visible);
}

function textOf(members: readonly Pick<GroupMember, "fingerprint" | "status">[]): string {
  return members
    .map((member) => `${member.fingerprint} ${member.status}`)
    .toSorted()
    .join();
}
