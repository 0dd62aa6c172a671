import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { emptyDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { Appends } from "./appends.ts";
import { CopyRows } from "./copy.ts";
import { commitAppends } from "./transaction.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await emptyDatabase();
  await test.database.pool.query("CREATE TABLE one (id int4 PRIMARY KEY, more bytea)");
  await test.database.pool.query("CREATE TABLE other (id int4 PRIMARY KEY, more bytea)");
});
beforeEach(() => test.database.pool.query("TRUNCATE one, other"));
afterAll(() => test.drop());

const waits = { lockMs: 5_000, idleMs: 10_000 };
const rowsOf = (ids: readonly number[], bytes = 1): CopyRows => {
  const rows = new CopyRows();
  for (const id of ids) {
    rows.row(2);
    rows.int4(id);
    rows.bytes(new Uint8Array(bytes));
  }
  return rows;
};
const appendsOf = (one: CopyRows, other: CopyRows): Appends => {
  const appends = new Appends();
  appends.copy("one", ["id", "more"], one);
  appends.statement("DELETE FROM one WHERE id = 2");
  appends.copy("other", ["id", "more"], other);
  return appends;
};
const stored = async (): Promise<string> => {
  const { rows } = await test.database.pool.query<{ one: string; other: string }>(
    `SELECT (SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM one) AS one,
            (SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM other) AS other`,
  );
  return rows.map(({ one, other }) => `${one} | ${other}`).join();
};

it("writes rows of several tables, and does statements at their place", async () => {
  await commitAppends(test.database, appendsOf(rowsOf([1, 2, 3]), rowsOf([2])), waits, () => {});
  expect(await stored()).toBe("1,3 | 2");
});

it("writes nothing for no rows", async () => {
  await commitAppends(test.database, appendsOf(rowsOf([]), rowsOf([2])), waits, () => {});
  expect(await stored()).toBe(" | 2");
});

it("writes megabytes at once", async () => {
  const [one, other] = [rowsOf([1, 3, 4, 5], 1 << 20), rowsOf([1, 2, 3, 4], 1 << 20)];
  await commitAppends(test.database, appendsOf(one, other), waits, () => {});
  expect(await stored()).toBe("1,3,4,5 | 1,2,3,4");
});

it("writes nothing when one of the tables refuses its rows, and the connection goes on", async () => {
  const { pool } = test.database;
  const processes = async () => {
    const found = await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return found.rows[0]?.pid;
  };
  const before = await processes();
  const refused = [
    appendsOf(rowsOf([1, 1], 1 << 20), rowsOf([1, 2, 3], 1 << 20)),
    appendsOf(rowsOf([1]), rowsOf([2, 2], 1 << 20)),
  ];
  for (const appends of refused) {
    const failure = commitAppends(test.database, appends, waits, () => {});
    await expect(failure).rejects.toMatchObject({ code: "23505" });
    expect(await stored()).toBe(" | ");
  }
  await commitAppends(test.database, appendsOf(rowsOf([7]), rowsOf([8])), waits, () => {});
  expect(await stored()).toBe("7 | 8");
  expect(await processes()).toBe(before);
});

it("commits nothing when what comes just before the commit fails", async () => {
  const failing = commitAppends(test.database, appendsOf(rowsOf([1]), rowsOf([1])), waits, () => {
    throw new Error("stopped");
  });
  await expect(failing).rejects.toThrow("stopped");
  expect(await stored()).toBe(" | ");
});

it("fails when the connection is lost under it", async () => {
  const client = await test.database.pool.connect();
  const appends = new Appends();
  appends.statement("SELECT pg_terminate_backend(pg_backend_pid())");
  await expect(appends.send(client)).rejects.toThrow(/terminat/);
  client.release(true);
});
