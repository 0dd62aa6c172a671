import { expect, it } from "vitest";

import { CallHabits } from "./call-habits.ts";

function sees(habits: CallHabits, servers: number): boolean {
  for (let seen = 0; seen < servers; seen += 1) habits.sawServer("edge");
  return habits.sendsNoCalls("edge");
}

it("takes sixteen SERVER spans in a row to know that a proxy sends no CLIENT spans", () => {
  const habits = new CallHabits();
  expect(habits.sendsNoCalls("edge")).toBe(false);
  expect(sees(habits, 15)).toBe(false);
  expect(sees(habits, 1)).toBe(true);
  expect(habits.sendsNoCalls("other")).toBe(false);
});

it("knows it anew of a proxy that sent one, after a thousand", () => {
  const habits = new CallHabits();
  expect(sees(habits, 16)).toBe(true);
  habits.sawClient("edge");
  expect(sees(habits, 999)).toBe(false);
  habits.sawClient("edge");
  expect(sees(habits, 999)).toBe(false);
  expect(sees(habits, 1)).toBe(true);
});

it("holds the habits of ten thousand proxies and no more", () => {
  const habits = new CallHabits();
  expect(sees(habits, 16)).toBe(true);
  for (let proxy = 0; proxy < 9_999; proxy += 1) habits.sawServer(`proxy-${proxy}`);
  expect(habits.sendsNoCalls("edge")).toBe(true);
  habits.sawServer("one more");
  expect(habits.sendsNoCalls("edge")).toBe(false);
});
