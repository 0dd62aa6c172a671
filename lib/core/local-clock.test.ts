import { expect, it } from "vitest";

import { localClock } from "./local-clock.ts";

function read(zone: string, wall: string, seen: string | null = null): string {
  const clock = localClock(zone, () => (seen === null ? null : Date.parse(seen) * 1000));
  return new Date(clock(Date.parse(`${wall}Z`) * 1000) / 1000).toISOString();
}

it.each([
  ["Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00.000Z", "winter time"],
  ["Europe/Berlin", "2026-07-15T12:00:00", "2026-07-15T10:00:00.000Z", "summer time"],
  ["Asia/Kolkata", "2026-07-15T12:00:00", "2026-07-15T06:30:00.000Z", "half an hour"],
  ["Asia/Kathmandu", "2026-07-15T12:10:00", "2026-07-15T06:25:00.000Z", "three quarters"],
  ["America/New_York", "2026-11-20T22:09:04", "2026-11-21T03:09:04.000Z", "behind UTC"],
  ["Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59.000Z", "before the skipped hour"],
  ["Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00.000Z", "after the skipped hour"],
  ["Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00.000Z", "in the skipped hour"],
  [
    "Europe/Berlin",
    "2026-10-25T01:59:59",
    "2026-10-24T23:59:59.000Z",
    "before the hour comes twice",
  ],
  ["Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00.000Z", "after the hour came twice"],
  ["Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00.000Z", "half an hour twice"],
  ["UTC", "2026-07-15T12:00:00", "2026-07-15T12:00:00.000Z", "UTC"],
])("%s at %s is %s: %s", (zone, wall, expected) => {
  expect(read(zone, wall)).toBe(expected);
});

it.each([
  ["2026-10-25T00:30:10Z", "2026-10-25T00:30:00.000Z", "came in the first of the two hours"],
  ["2026-10-25T01:30:10Z", "2026-10-25T01:30:00.000Z", "came in the second of them"],
  ["2026-10-25T09:00:00Z", "2026-10-25T01:30:00.000Z", "came later"],
])("a line of an hour that comes twice, seen at %s, is of %s: it %s", (seen, expected) => {
  expect(read("Europe/Berlin", "2026-10-25T02:30:00", seen)).toBe(expected);
});
