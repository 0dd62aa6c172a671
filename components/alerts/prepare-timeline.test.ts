import { expect, it } from "vitest";

import type { DeliveryItem } from "#lib/contract/deliveries.ts";

import { prepareTimeline } from "./prepare-timeline.ts";

const delivery: DeliveryItem = {
  id: "d",
  channelId: "c",
  channelName: "hook",
  kind: "alert",
  groupKey: "g",
  reason: "first notification",
  title: "",
  state: "delivered",
  problem: null,
  attempts: 1,
  nextAttemptAt: null,
  createdAt: "2026-01-01T00:00:01.000Z",
  finishedAt: "2026-01-01T00:00:04.000Z",
};

it("puts a delivery where it ended, or began while it is under way, the newest first", () => {
  const comment = { kind: "comment" as const, author: "a", text: "b" };
  const lines = prepareTimeline(
    [
      { ...comment, at: "2026-01-01T00:00:05.000Z" },
      { ...comment, at: "2026-01-01T00:00:03.000Z" },
    ],
    [delivery, { ...delivery, finishedAt: null }],
  );
  expect(lines.map(({ kind, at }) => `${kind} ${at.slice(17, 19)}`)).toEqual([
    "comment 05",
    "delivery 04",
    "comment 03",
    "delivery 01",
  ]);
});
