import { afterAll, beforeAll, expect, it } from "vitest";

import { emptyDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { eachRow, eachRowOf } from "./each-row.ts";
import { rollupQuery } from "./rollup-row.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await emptyDatabase();
});
afterAll(() => test.drop());

const numbers = (text: string) => rollupQuery(text, [5]);

it("hands over every row as the texts that Postgres sent, and counts them", async () => {
  const client = await test.database.pool.connect();
  const seen: string[][] = [];
  const query = numbers("SELECT n, n * 10 FROM generate_series(1, $1::int) AS n");
  expect(await eachRow(client, query, (fields) => seen.push(fields))).toBe(5);
  expect(seen).toEqual(["1", "2", "3", "4", "5"].map((n) => [n, `${n}0`]));
  client.release();
});

it("throws what the reader threw, hands over no further row, and leaves the connection usable", async () => {
  const client = await test.database.pool.connect();
  const seen: string[] = [];
  const reading = eachRow(
    client,
    numbers("SELECT n FROM generate_series(1, $1::int) AS n"),
    ([n = ""]) => {
      seen.push(n);
      if (n === "2") throw new Error(`no ${n}`);
    },
  );
  await expect(reading).rejects.toThrow("no 2");
  expect(seen).toEqual(["1", "2"]);
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  client.release();
});

it("throws what the query fails with, also behind its first rows", async () => {
  const client = await test.database.pool.connect();
  const seen: string[][] = [];
  const query = numbers("SELECT 1 / (3 - n) FROM generate_series(1, $1::int) AS n");
  await expect(eachRow(client, query, (fields) => seen.push(fields))).rejects.toThrow(
    "division by zero",
  );
  expect(seen.length).toBeLessThan(3);
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  client.release();
});

it("leaves no connection in the pool that was cut off", async () => {
  const { database } = test;
  for (let round = 0; round < 3; round += 1) {
    await expect(
      eachRowOf(
        database,
        numbers("SELECT pg_terminate_backend(pg_backend_pid()), $1::int"),
        () => {},
      ),
    ).rejects.toThrow(/terminating connection|ECONNRESET/);
    expect((await database.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  }
});
