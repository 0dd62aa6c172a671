import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { ensurePartitions } from "#lib/db/partitions.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { newestDigests } from "./digests.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await ensurePartitions(test.database, "block", [Date.now()]);
});
afterAll(() => test.drop());

it("tells of a body whose commit was under way when its process was killed", async () => {
  const client = await test.database.pool.connect();
  await client.query("BEGIN");
  await client.query(
    `INSERT INTO block (received_at, id, records, raw_bytes, project_id, signal, digests, payload)
     VALUES (now(), 1, 1, 1, 1, 'traces', decode(repeat('ab', 20), 'hex'), '')`,
  );
  let answered = false;
  const digests = newestDigests(test.database, 15).finally(() => {
    answered = true;
  });
  await sleep(300);
  expect(answered).toBe(false);
  await client.query("COMMIT");
  client.release();
  expect(await digests).toEqual(["ab".repeat(20)]);
});
