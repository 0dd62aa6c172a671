import { expect, it } from "vitest";

import { loginLimit } from "./login-limit.ts";

const now = 1_000_000;

function failTimes(count: number, client: (place: number) => string) {
  const limit = loginLimit();
  for (let place = 0; place < count; place += 1) limit.failed(client(place), now);
  return limit;
}

it("stops a client after five failures, for a minute", () => {
  expect(failTimes(4, () => "a").mayTry("a", now)).toBe(true);
  const limit = failTimes(5, () => "a");
  expect(limit.mayTry("a", now)).toBe(false);
  expect(limit.mayTry("a", now + 60_000)).toBe(true);
});

it("lets other clients try meanwhile", () => {
  expect(failTimes(5, () => "a").mayTry("b", now)).toBe(true);
});

it("stops everyone when made-up addresses fail fifty times", () => {
  expect(failTimes(50, (place) => `client-${place}`).mayTry("new", now)).toBe(false);
});
