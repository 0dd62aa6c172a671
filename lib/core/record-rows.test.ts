import { expect, test } from "vitest";

import { RecordRows, rowRoles } from "./record-rows.ts";

test("freed rows have no memory, and are no rows any more", () => {
  const rows = new RecordRows(200);
  rows.add(rowRoles.exchange, 5);
  const { buffer } = rows.columns.startUs;
  rows.free();
  expect(buffer.byteLength).toBe(0);
  expect(rows.length).toBe(0);
  expect(rows.plain().columns.position).toHaveLength(0);
});

test("rows that were freed take new ones", () => {
  const rows = new RecordRows(0);
  rows.free();
  for (let position = 0; position < 40; position += 1) rows.add(rowRoles.attempt, position);
  expect(rows.length).toBe(40);
  expect([...rows.columns.position.subarray(0, 40)]).toEqual(
    Array.from({ length: 40 }, (_, at) => at),
  );
});
