import { expect, it } from "vitest";

import { Scratch } from "./scratch.ts";

it("gives the same memory again, and never to two at once", () => {
  const scratch = new Scratch(4_096, 2);
  const first = scratch.take(4_000);
  const second = scratch.take(3_000);
  expect([first.length, second.length]).toEqual([4_000, 3_000]);
  expect(second.buffer).not.toBe(first.buffer);
  scratch.give(first);
  const third = scratch.take(4_096);
  expect(third.length).toBe(4_096);
  expect(third.buffer).toBe(first.buffer);
});

it("keeps no more than it was told", () => {
  const scratch = new Scratch(4_096, 1);
  const [kept, over] = [scratch.take(4_096), scratch.take(4_096)];
  scratch.give(kept);
  scratch.give(over);
  expect(over.length).toBe(0);
  expect(scratch.take(4_096).buffer).toBe(kept.buffer);
});

it("gives what is much smaller or larger memory of its own, and frees that", () => {
  const scratch = new Scratch(4_096, 2);
  for (const bytes of [2_047, 4_097]) {
    const room = scratch.take(bytes);
    expect(room.buffer.byteLength).toBe(bytes);
    scratch.give(room);
    expect(room.length).toBe(0);
  }
});
