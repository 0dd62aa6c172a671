import { expect, it } from "vitest";

import { windowOf } from "#lib/core/window.ts";

import { localInput, pastSeconds, quickRanges } from "./range-label.ts";

it.each([
  [{ from: "now-15m", to: "now" }, 900],
  [{ from: "now-30d", to: "now" }, 2_592_000],
  [{ from: "now-2h", to: "now-1h" }, null],
  [{ from: "2026-11-21T00:00:00Z", to: "now" }, null],
])("%j goes back %s seconds", (text, seconds) => {
  expect(pastSeconds(text)).toBe(seconds);
});

it.each(quickRanges)("offers %s, which the API understands", (from) => {
  expect(windowOf({ from, to: "now" }, Date.UTC(2026, 10, 21))).not.toBeTypeOf("string");
});

it("writes the reader's clock into a time input", () => {
  expect(localInput(Date.UTC(2026, 10, 21, 1, 2, 3), 8 * 3_600_000)).toBe("2026-11-21T09:02:03");
});
