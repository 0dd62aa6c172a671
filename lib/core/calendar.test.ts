import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";

import { calendarUnits, calendarWindow, isZone, previousWindows } from "./calendar.ts";

const hours = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => (toMs - fromMs) / 3_600_000;

describe("a calendar period", () => {
  it.each([
    {
      name: "a month in UTC",
      at: "2026-02-14T10:00:00Z",
      unit: "month",
      zone: "UTC",
      from: "2026-02-01T00:00:00.000Z",
      hours: 672,
    },
    {
      name: "March in Berlin loses an hour",
      at: "2026-03-15T10:00:00Z",
      unit: "month",
      zone: "Europe/Berlin",
      from: "2026-02-28T23:00:00.000Z",
      hours: 743,
    },
    {
      name: "October in Berlin gains one",
      at: "2026-10-31T22:59:59Z",
      unit: "month",
      zone: "Europe/Berlin",
      from: "2026-09-30T22:00:00.000Z",
      hours: 745,
    },
    {
      name: "November in New York gains one",
      at: "2026-11-01T05:30:00Z",
      unit: "month",
      zone: "America/New_York",
      from: "2026-11-01T04:00:00.000Z",
      hours: 721,
    },
    {
      name: "a day that begins at one o'clock (midnight was skipped in São Paulo)",
      at: "2018-11-04T12:00:00Z",
      unit: "day",
      zone: "America/Sao_Paulo",
      from: "2018-11-04T03:00:00.000Z",
      hours: 23,
    },
    {
      name: "a day whose midnight comes twice (Havana)",
      at: "2026-11-01T12:00:00Z",
      unit: "day",
      zone: "America/Havana",
      from: "2026-11-01T04:00:00.000Z",
      hours: 25,
    },
    {
      name: "a week begins on Monday",
      at: "2026-11-22T23:59:59Z",
      unit: "week",
      zone: "UTC",
      from: "2026-11-16T00:00:00.000Z",
      hours: 168,
    },
    {
      name: "a quarter in Kolkata",
      at: "2026-05-05T00:00:00Z",
      unit: "quarter",
      zone: "Asia/Kolkata",
      from: "2026-03-31T18:30:00.000Z",
      hours: 91 * 24,
    },
    {
      name: "a leap year",
      at: "2028-06-01T00:00:00Z",
      unit: "year",
      zone: "UTC",
      from: "2028-01-01T00:00:00.000Z",
      hours: 366 * 24,
    },
  ] as const)("$name", ({ at, unit, zone, from, hours: length }) => {
    const window = calendarWindow(Date.parse(at), unit, zone);
    expect(new Date(window.fromMs).toISOString()).toBe(from);
    expect(hours(window)).toBe(length);
  });

  it("holds its time, and the next begins where it ends", () => {
    const zones = constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/Havana",
      "Australia/Lord_Howe",
      "Pacific/Apia",
    );
    const times = integer({ min: Date.UTC(2012, 0), max: Date.UTC(2035, 0) });
    assert(
      property(times, constantFrom(...calendarUnits), zones, (timeMs, unit, zone) => {
        const window = calendarWindow(timeMs, unit, zone);
        expect(window.fromMs).toBeLessThanOrEqual(timeMs);
        expect(window.toMs).toBeGreaterThan(timeMs);
        expect(calendarWindow(window.toMs, unit, zone).fromMs).toBe(window.toMs);
        expect(calendarWindow(window.fromMs, unit, zone)).toEqual(window);
      }),
      { numRuns: 300 },
    );
  });

  it("has those before it, newest first, without a gap", () => {
    const now = Date.parse("2026-04-10T00:00:00Z");
    const windows = previousWindows(now, "month", "Europe/Berlin", 3);
    expect(windows.map(hours)).toEqual([743, 672, 744]);
    expect(windows[0]?.toMs).toBe(calendarWindow(now, "month", "Europe/Berlin").fromMs);
  });
});

describe("a zone", () => {
  it.each([
    ["Europe/Berlin", true],
    ["Mars/Olympus", false],
    ["", false],
  ])("%s is known: %s", (zone, known) => {
    expect(isZone(zone)).toBe(known);
  });
});
