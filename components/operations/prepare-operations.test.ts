import { expect, it } from "vitest";

import type { ProcessItem } from "#lib/contract/operations.ts";

import {
  acceptedChart,
  acceptedNow,
  fullestSpool,
  greatest,
  newest,
  otherReasons,
  nothing,
  refusalChart,
  type RefusalRow,
  spoolTone,
  spoolUsed,
} from "./prepare-operations.ts";

function pointsOf(values: readonly (number | null)[]): RefusalRow["points"] {
  return values.map((value, place) => [place * 60_000, value]);
}

function row(reason: string, total: number, values: readonly (number | null)[]): RefusalRow {
  const points = pointsOf(values);
  return { key: reason, from: "traces", reason, unit: "records", total, points };
}

it("the reasons that count most have a row each, all others share one", () => {
  const rows = ["a", "b", "c", "d", "e", "f"].map((reason, place) =>
    row(reason, 10 - place, [1, null]),
  );
  const chart = refusalChart(rows, []);
  expect(chart.map(({ key }) => key)).toEqual(["a", "b", "c", "d", otherReasons]);
  expect(chart.at(-1)?.points).toEqual([
    [0, 2],
    [60_000, null],
  ]);
});

it("one reason at several ways in is one row", () => {
  const chart = refusalChart([row("token", 3, [1, 2]), row("token", 1, [0, null])], []);
  expect(chart).toEqual([
    {
      key: "token",
      points: [
        [0, 1],
        [60_000, 2],
      ],
    },
  ]);
});

it("where nothing was refused, none is shown at each time that was measured", () => {
  const zeros = pointsOf([0, null, 0]);
  expect(refusalChart([], pointsOf([5, null, 0]))).toEqual([{ key: nothing, points: zeros }]);
});

it("where nothing was stored, none is shown at each time that was measured", () => {
  const points = pointsOf([5, null, 0]);
  const zeros = pointsOf([0, null, 0]);
  expect(acceptedChart({ accepted: [], heldBytes: points })).toEqual([
    { key: nothing, points: zeros },
  ]);
  const accepted = [{ signal: "logs", points }];
  expect(acceptedChart({ accepted, heldBytes: points })).toEqual([{ key: "logs", points }]);
});

it("what is stored now is the sum of all signals, and zero where ingest told of itself but stored nothing", () => {
  const heldBytes = pointsOf([5, 7, null]);
  expect(acceptedNow({ accepted: [], heldBytes })).toBe(0);
  expect(acceptedNow({ accepted: [], heldBytes: pointsOf([null, null]) })).toBeNull();
  const accepted = [
    { signal: "logs", points: pointsOf([1, 2, null]) },
    { signal: "traces", points: pointsOf([3, 4, null]) },
  ];
  expect(acceptedNow({ accepted, heldBytes })).toBe(6);
});

it("what was not measured is neither the newest nor the greatest", () => {
  const { points } = row("a", 1, [4, 2, null]);
  expect([newest(points), greatest(points)]).toEqual([2, 4]);
  expect([newest([]), greatest([])]).toEqual([null, null]);
});

function processWith(host: string, spool: ProcessItem["spool"], alive = true): ProcessItem {
  const at = "2026-11-21T10:00:00.000Z";
  const times = { startedAt: at, seenAt: at };
  return { role: "ingest", host, version: "1", ...times, alive, memoryBytes: null, spool };
}

it("the fullest spool of those that live is told, by its share and not by its bytes", () => {
  const processes = [
    processWith("none", null),
    processWith("large", { bytes: 3_000, bytesMax: 10_000 }),
    processWith("full", { bytes: 900, bytesMax: 1_000 }),
    processWith("gone", { bytes: 1_000, bytesMax: 1_000 }, false),
  ];
  expect(fullestSpool(processes)?.host).toBe("full");
  expect(fullestSpool(processes.slice(0, 1))).toBe(null);
  expect(processes.map(spoolUsed)).toEqual([null, 0.3, 0.9, 1]);
});

it.each([
  [0, "plain"],
  [0.5, "plain"],
  [0.51, "warn"],
  [0.8, "warn"],
  [0.81, "bad"],
] as const)("a spool that is used to %f is %s", (used, tone) => {
  expect(spoolTone(used)).toBe(tone);
});
