import { expect, it } from "vitest";

import { attemptsOfLists } from "./nginx-upstreams.ts";

const none = { statuses: null, responseTimes: null, name: null };

it("a list that is too long counts up to its last whole address", () => {
  const addresses = Array.from({ length: 5_000 }, () => "10.0.0.1:8080").join(", ");
  const attempts = attemptsOfLists({ ...none, addresses }, 200);
  expect(attempts).toHaveLength(273);
  expect(new Set(attempts.map(({ endpoint }) => endpoint))).toEqual(new Set(["10.0.0.1:8080"]));
});

it("one text that is too long to be an address names nobody", () => {
  expect(attemptsOfLists({ ...none, addresses: "a".repeat(5_000) }, 200)).toEqual([]);
});

it("tells nothing of the lists before it", () => {
  const full = { addresses: "a:1", statuses: "502", responseTimes: "0.010", name: "pool" };
  expect(attemptsOfLists(full, 502)).toMatchObject([
    { upstream: "pool", status: 502, durationUs: 10_000 },
  ]);
  expect(attemptsOfLists({ ...none, addresses: "b:1" }, 200)).toMatchObject([
    { upstream: null, endpoint: "b:1", status: null, durationUs: null },
  ]);
});
