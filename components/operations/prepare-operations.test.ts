import { expect, it } from "vitest";

import {
  greatest,
  newest,
  otherReasons,
  refusalChart,
  type RefusalRow,
} from "./prepare-operations.ts";

function row(reason: string, total: number, values: readonly (number | null)[]): RefusalRow {
  const points = values.map((value, place): [number, number | null] => [place * 60_000, value]);
  return { key: reason, from: "traces", reason, unit: "records", total, points };
}

it("the reasons that count most have a row each, all others share one", () => {
  const rows = ["a", "b", "c", "d", "e", "f"].map((reason, place) =>
    row(reason, 10 - place, [1, null]),
  );
  const chart = refusalChart(rows);
  expect(chart.map(({ key }) => key)).toEqual(["a", "b", "c", "d", otherReasons]);
  expect(chart.at(-1)?.points).toEqual([
    [0, 2],
    [60_000, null],
  ]);
});

it("one reason at several ways in is one row", () => {
  const chart = refusalChart([row("token", 3, [1, 2]), row("token", 1, [0, null])]);
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

it("what was not measured is neither the newest nor the greatest", () => {
  const { points } = row("a", 1, [4, 2, null]);
  expect([newest(points), greatest(points)]).toEqual([2, 4]);
  expect([newest([]), greatest([])]).toEqual([null, null]);
});
