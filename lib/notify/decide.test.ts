import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  decideNotification,
  entryOf,
  type GroupMember,
  type NotificationLogEntry,
  type NotificationReason,
} from "./decide.ts";

const nowMs = 1_000_000_000;
const repeatIntervalMs = 14_400_000;

interface Row {
  readonly name: string;
  readonly told: {
    readonly firing: string;
    readonly resolved?: string;
    readonly agoMs?: number;
  } | null;
  /** Fingerprints of one letter. */
  readonly firing?: string;
  readonly resolved?: string;
  readonly muted?: string;
  readonly sendResolved?: boolean;
  readonly reason: NotificationReason | null;
  readonly visible?: string;
}

const rows: readonly Row[] = [
  { name: "nothing in the log, one fires", told: null, firing: "a", reason: "first notification" },
  { name: "nothing in the log, one ended", told: null, resolved: "a", reason: null },
  { name: "another one fires", told: { firing: "a" }, firing: "ab", reason: "new alerts added" },
  {
    name: "another one fires while one ended",
    told: { firing: "a" },
    firing: "b",
    resolved: "a",
    reason: "new alerts added",
  },
  {
    name: "fires again after all had ended",
    told: { firing: "", resolved: "a" },
    firing: "a",
    reason: "first notification",
  },
  { name: "all ended", told: { firing: "ab" }, resolved: "ab", reason: "all alerts resolved" },
  {
    name: "all ended, and the channel wants no ends",
    told: { firing: "a" },
    resolved: "a",
    sendResolved: false,
    reason: "all alerts resolved",
  },
  {
    name: "all ended and that was told",
    told: { firing: "", resolved: "a" },
    resolved: "a",
    reason: null,
  },
  {
    name: "one fired and ended between two looks",
    told: { firing: "", resolved: "a" },
    resolved: "ab",
    reason: null,
  },
  {
    name: "one of two ended",
    told: { firing: "ab" },
    firing: "a",
    resolved: "b",
    reason: "some alerts resolved",
  },
  {
    name: "one of two ended, and the channel wants no ends",
    told: { firing: "ab" },
    firing: "a",
    resolved: "b",
    sendResolved: false,
    reason: null,
  },
  {
    name: "one of two ended and that was told",
    told: { firing: "a", resolved: "b" },
    firing: "a",
    resolved: "b",
    reason: null,
  },
  { name: "nothing changed", told: { firing: "a" }, firing: "a", reason: null },
  {
    name: "nothing changed for exactly the repeat interval",
    told: { firing: "a", agoMs: repeatIntervalMs },
    firing: "a",
    reason: null,
  },
  {
    name: "nothing changed for longer",
    told: { firing: "a", agoMs: repeatIntervalMs + 1 },
    firing: "a",
    reason: "repeat interval elapsed",
  },
  { name: "only muted ones fire", told: null, firing: "a", muted: "a", reason: null },
  { name: "a muted one joins", told: { firing: "a" }, firing: "ab", muted: "b", reason: null },
  { name: "a mute ends", told: { firing: "a" }, firing: "ab", reason: "new alerts added" },
  {
    name: "one that was told ends under a mute",
    told: { firing: "a" },
    resolved: "a",
    muted: "a",
    reason: "all alerts resolved",
    visible: "a",
  },
  {
    name: "one that was never told ends under a mute",
    told: { firing: "" },
    resolved: "a",
    muted: "a",
    reason: null,
  },
  {
    name: "one ends while another is muted and fires",
    told: { firing: "a" },
    firing: "b",
    resolved: "a",
    muted: "b",
    reason: "some alerts resolved",
    visible: "a",
  },
];

describe("the decision to tell", () => {
  it.each(rows)("$name: $reason", (row) => {
    const entry = row.told === null ? null : entryFrom(row.told);
    const repeat = { repeatIntervalMs, sendResolved: row.sendResolved ?? true };
    const decision = decideNotification(entry, membersIn(row), nowMs, repeat);
    expect(decision?.reason ?? null).toBe(row.reason);
    const visible = decision?.visible.map((member) => member.fingerprint).join("");
    expect(visible ?? "").toContain(row.visible ?? "");
  });

  it("is never made twice: what was told is not told again before the repeat interval", () => {
    fc.assert(
      fc.property(anyEntry, anyMembers, (entry, members) => {
        const repeat = { repeatIntervalMs, sendResolved: true };
        const decision = decideNotification(entry, members, nowMs, repeat);
        if (decision === null) return;
        const after = entryOf(decision.visible, nowMs);
        expect(decideNotification(after, members, nowMs + repeatIntervalMs, repeat)).toBeNull();
      }),
    );
  });

  it("always tells the end of what was told, muted or not", () => {
    fc.assert(
      fc.property(anyEntry, anyMembers, (entry, members) => {
        fc.pre(entry.firing.length > 0);
        const ended = members.map((member) => ({ ...member, status: "resolved" as const }));
        fc.pre(ended.some((member) => entry.firing.includes(member.fingerprint)));
        const decision = decideNotification(entry, ended, nowMs, {
          repeatIntervalMs,
          sendResolved: true,
        });
        expect(decision?.reason).toBe("all alerts resolved");
      }),
    );
  });

  it("never speaks of a muted alert that fires", () => {
    fc.assert(
      fc.property(anyEntry, anyMembers, (entry, members) => {
        const decision = decideNotification(entry, members, nowMs, {
          repeatIntervalMs,
          sendResolved: true,
        });
        expect(
          decision?.visible.some((member) => member.muted && member.status === "firing") ?? false,
        ).toBe(false);
      }),
    );
  });
});

const fingerprints = ["a", "b", "c", "d", "e", "f"];
const letters = fc.uniqueArray(fc.constantFrom(...fingerprints));
const anyEntry: fc.Arbitrary<NotificationLogEntry> = fc.record({
  firing: letters,
  resolved: letters,
  sentAtMs: fc.integer({ min: 0, max: nowMs }),
});
const anyMembers: fc.Arbitrary<GroupMember[]> = fc.uniqueArray(
  fc.record({
    fingerprint: fc.constantFrom(...fingerprints),
    status: fc.constantFrom("firing" as const, "resolved" as const),
    muted: fc.boolean(),
  }),
  { selector: (member) => member.fingerprint },
);

function membersIn({ firing = "", resolved = "", muted = "" }: Row): GroupMember[] {
  return [...membersOf(firing, "firing", muted), ...membersOf(resolved, "resolved", muted)];
}

function membersOf(text: string, status: "firing" | "resolved", muted: string): GroupMember[] {
  return Array.from(text, (fingerprint) => ({
    fingerprint,
    status,
    muted: muted.includes(fingerprint),
  }));
}

function entryFrom(told: {
  firing: string;
  resolved?: string;
  agoMs?: number;
}): NotificationLogEntry {
  return {
    firing: Array.from(told.firing),
    resolved: Array.from(told.resolved ?? ""),
    sentAtMs: nowMs - (told.agoMs ?? 0),
  };
}
