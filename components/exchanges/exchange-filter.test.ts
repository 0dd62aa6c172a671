import { expect, it } from "vitest";

import { chipsOf, exchangesAddress, parametersOf, type ExchangeFilter } from "./exchange-filter.ts";

const none: ExchangeFilter = {
  proxy: null,
  upstream: null,
  module: null,
  endpoint: null,
  status: null,
  errorType: null,
  bad: null,
  thresholdMs: null,
  order: null,
};

it("asks only for what is set", () => {
  expect(parametersOf({ ...none, module: "", status: "503" })).toEqual({
    status: "503",
    limit: "50",
  });
});

it("stands in the address, with the window", () => {
  const window = { from: "2026-11-20T00:00:00Z", to: "2026-11-21T00:00:00Z" };
  expect(exchangesAddress(window, { module: "github.com/acme", bad: "availability" })).toBe(
    "/exchanges?from=2026-11-20T00%3A00%3A00Z&to=2026-11-21T00%3A00%3A00Z&module=github.com%2Facme&bad=availability",
  );
});

it("can be left one by one, a threshold together with what it is for", () => {
  const chips = chipsOf({ ...none, bad: "latency", thresholdMs: "900", endpoint: "zip" });
  expect(chips).toEqual([
    { name: "bad", value: "latency", without: { bad: null, thresholdMs: null } },
    { name: "endpoint", value: "zip", without: { endpoint: null } },
  ]);
});
