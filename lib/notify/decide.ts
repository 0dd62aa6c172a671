import type { AlertStatus } from "./alert.ts";

/** Why a notification is sent, in the words of Alertmanager's `notification_reason`. */
export type NotificationReason =
  | "first notification"
  | "new alerts added"
  | "all alerts resolved"
  | "some alerts resolved"
  | "repeat interval elapsed";

/** What a channel was told of a group the last time it took a message. */
export interface NotificationLogEntry {
  /** Fingerprints. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sentAtMs: number;
}

export interface GroupMember {
  readonly fingerprint: string;
  readonly status: AlertStatus;
  /** A silence or another alert hides it. */
  readonly muted: boolean;
}

export interface Repeat {
  readonly repeatIntervalMs: number;
  readonly sendResolved: boolean;
}

export interface Decision {
  readonly reason: NotificationReason;
  /** The members that the message is about. */
  readonly visible: readonly GroupMember[];
}

/**
 * Decides whether a channel hears of a group now, with Alertmanager's rules in Alertmanager's order.
 * A mute hides what fires; the end of an alert that the channel knows of is told in spite of it.
 */
export function decideNotification(
  entry: NotificationLogEntry | null,
  members: readonly GroupMember[],
  nowMs: number,
  repeat: Repeat,
): Decision | null {
  const told = new Set(entry?.firing);
  const visible = members.filter(
    (member) => !member.muted || (member.status === "resolved" && told.has(member.fingerprint)),
  );
  if (visible.length === 0) return null;
  const stillFiring = members.some((member) => member.status === "firing");
  const reason = reasonOf(entry, visible, stillFiring, nowMs, repeat);
  return reason === null ? null : { reason, visible };
}

function reasonOf(
  entry: NotificationLogEntry | null,
  visible: readonly GroupMember[],
  stillFiring: boolean,
  nowMs: number,
  repeat: Repeat,
): NotificationReason | null {
  const firing = fingerprintsOf(visible, "firing");
  if (entry === null) return firing.length > 0 ? "first notification" : null;
  if (!isSubset(firing, entry.firing) || !stillFiring) return beginOrEnd(entry, stillFiring);
  const resolved = fingerprintsOf(visible, "resolved");
  if (repeat.sendResolved && !isSubset(resolved, entry.resolved)) return "some alerts resolved";
  if (firing.length === 0) return null;
  return entry.sentAtMs < nowMs - repeat.repeatIntervalMs ? "repeat interval elapsed" : null;
}

function beginOrEnd(entry: NotificationLogEntry, stillFiring: boolean): NotificationReason | null {
  if (entry.firing.length === 0) return stillFiring ? "first notification" : null;
  return stillFiring ? "new alerts added" : "all alerts resolved";
}

/** The log entry that stands once a channel took the message about these members. */
export function entryOf(visible: readonly GroupMember[], sentAtMs: number): NotificationLogEntry {
  return {
    firing: fingerprintsOf(visible, "firing"),
    resolved: fingerprintsOf(visible, "resolved"),
    sentAtMs,
  };
}

/** What a channel knows after a message, with the alerts of before that the message hid: it knows of them as ever. */
export function withHidden(
  heard: NotificationLogEntry,
  before: NotificationLogEntry | null,
  members: readonly Pick<GroupMember, "fingerprint">[],
): NotificationLogEntry {
  const spoken = new Set([...heard.firing, ...heard.resolved]);
  const there = new Set(members.map(({ fingerprint }) => fingerprint));
  const hidden = (before?.firing ?? []).filter((one) => there.has(one) && !spoken.has(one));
  return { ...heard, firing: [...heard.firing, ...hidden] };
}

function fingerprintsOf(members: readonly GroupMember[], status: AlertStatus): string[] {
  return members.filter((member) => member.status === status).map((member) => member.fingerprint);
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const known = new Set(whole);
  return part.every((one) => known.has(one));
}
