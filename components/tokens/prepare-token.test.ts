import { expect, it } from "vitest";

import { changeOf, noValues } from "./prepare-token.ts";

const nowMs = Date.UTC(2026, 0, 1);
const blank = {
  name: "edge",
  use: "ingest",
  recordsPerSecond: null,
  bytesPerSecond: null,
  expiresAt: null,
};

it.each([
  ["an empty form asks for no limits and no end", {}, {}],
  ["kilobytes are sent as bytes", { kilobytesPerSecond: "250" }, { bytesPerSecond: 250_000 }],
  ["days become a date", { expiry: "30" as const }, { expiresAt: "2026-01-31T00:00:00.000Z" }],
  [
    "limits that were typed for sending are not asked for where only /metrics is read",
    { use: "metrics" as const, recordsPerSecond: "5", kilobytesPerSecond: "5" },
    { use: "metrics" },
  ],
])("%s", (_name, values, expected) => {
  expect(changeOf({ ...noValues, name: "edge", ...values }, nowMs)).toEqual({
    ...blank,
    ...expected,
  });
});
