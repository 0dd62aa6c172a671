import { expect, it } from "vitest";

import { diskForecast, type DailyData } from "./disk-forecast.ts";

const gigabyte = 1e9;

function history(count: number, bytes: number, keepDays: number): DailyData {
  const days = Array.from({ length: count }, (_, place) => ({ ageDays: count - place, bytes }));
  return { keepDays, days };
}

it("a young installation says that it knows too little", () => {
  expect(diskForecast([], 100 * gigabyte)).toEqual({ kind: "notEnoughHistory" });
  expect(diskForecast([history(1, gigabyte, 14)], 100 * gigabyte).kind).toBe("notEnoughHistory");
});

it("before retention drops anything the disk fills day by day", () => {
  expect(diskForecast([history(3, 10 * gigabyte, 365)], 100 * gigabyte)).toEqual({
    kind: "full",
    days: 10,
    bytesPerDay: 10 * gigabyte,
  });
});

it("once retention takes away what comes in, the disk holds", () => {
  expect(diskForecast([history(14, 10 * gigabyte, 14)], gigabyte).kind).toBe("holds");
});

it("a disk that only fills before retention begins is told as such", () => {
  const young = history(4, 10 * gigabyte, 14);
  expect(diskForecast([young], 90 * gigabyte)).toMatchObject({ kind: "full", days: 9 });
  expect(diskForecast([young], 110 * gigabyte).kind).toBe("holds");
});

it("kinds with longer retention go on growing when the others hold", () => {
  const forecast = diskForecast(
    [history(14, 10 * gigabyte, 14), history(14, gigabyte, 395)],
    20 * gigabyte,
  );
  expect(forecast).toMatchObject({ kind: "full", days: 20, bytesPerDay: 11 * gigabyte });
});

it("the day on which it all began counts as no whole day", () => {
  const first = { ageDays: 3, bytes: 1 };
  const rest = history(2, 10 * gigabyte, 365).days;
  const forecast = diskForecast([{ keepDays: 365, days: [first, ...rest] }], 100 * gigabyte);
  expect(forecast).toMatchObject({ bytesPerDay: 10 * gigabyte });
});
