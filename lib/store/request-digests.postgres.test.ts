import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { append } from "#lib/db/appends.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { tellAnswers } from "./ingest-answers.ts";
import {
  addDigests,
  forgetAnswered,
  isDigestTaken,
  storedRequests,
  type RequestDigest,
} from "./request-digests.ts";

const atMs = 1_790_000_000_000;
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
beforeEach(() => test.database.pool.query("TRUNCATE request_digest, ingest_answers"));
afterAll(() => test.drop());

/** The upper half of the number range, too, where Postgres' numbers are negative. */
const request = (byte: string, more: Partial<RequestDigest> = {}): RequestDigest => ({
  project: 1,
  digest: byte.repeat(20),
  process: 5,
  atMs,
  ...more,
});
const note = (...requests: RequestDigest[]): Promise<void> =>
  inTransaction(test.database, (client) => append(client, (to) => addDigests(to, requests)));
const answers = async (...requests: RequestDigest[]): Promise<string[]> => {
  const stored = await storedRequests(test.database, requests);
  return stored.map(({ digest, answer }) => `${digest.slice(0, 2)} ${answer}`).toSorted();
};

it("takes a request once in each project", async () => {
  await note(request("ab"), request("01"));
  await note(request("ab", { project: 2 }));
  const error = await note(request("02"), request("ab", { process: 6 })).catch((e: unknown) => e);
  expect(isDigestTaken(error)).toBe(true);
  expect(await answers(request("01"), request("02"), request("ab"))).toEqual([
    "01 open",
    "ab open",
  ]);
});

it("waits for a transaction that stores the same request, and takes it when that one fails", async () => {
  const first = await test.database.pool.connect();
  await first.query("BEGIN");
  await append(first, (to) => addDigests(to, [request("ab")]));
  let isStored = false;
  const second = note(request("ab", { process: 6 })).then(() => (isStored = true));
  await sleep(300);
  expect(isStored).toBe(false);
  await first.query("ROLLBACK");
  first.release();
  await second;
  const [stored] = await storedRequests(test.database, [request("ab")]);
  expect(stored).toMatchObject({ project: 1, digest: "ab".repeat(8), process: 6, atMs });
});

it("never stops two transactions that share requests in another order", async () => {
  const bytes = Array.from({ length: 200 }, (_, place) => place.toString(16).padStart(2, "0"));
  const rounds = Array.from({ length: 20 }, (_, round) => round);
  for (const round of rounds) {
    const project = 10 + round;
    const requests = bytes.map((byte) => request(byte, { project }));
    const both = [note(...requests), note(...requests.toReversed())];
    const codes = (await Promise.allSettled(both)).map((one) =>
      one.status === "fulfilled" ? "stored" : isDigestTaken(one.reason) ? "taken" : one.reason,
    );
    expect(new Set(codes)).toEqual(new Set(["stored", "taken"]));
  }
});

it("says of each request whether its answer arrived, as the process that gave it tells", async () => {
  const requests = [
    request("01", { atMs: atMs - 1 }),
    request("02"),
    request("f3", { atMs: atMs - 1 }),
    request("04", { process: 0 }),
    request("05", { process: 6 }),
  ];
  await note(...requests);
  await tellAnswers(test.database, { process: 5, answeredBeforeMs: atMs, lost: ["f3".repeat(20)] });
  expect(await answers(...requests)).toEqual([
    "01 arrived",
    "02 open",
    "04 lost",
    "05 open",
    "f3 lost",
  ]);
});

it("forgets requests whose answers arrived, and what is too old", async () => {
  const requests = [
    request("01", { atMs: atMs - 1 }),
    request("02"),
    request("f3", { atMs: atMs - 1 }),
    request("04", { process: 0 }),
    request("05", { process: 6 }),
    request("06", { process: 6, atMs: atMs - 600_001 }),
  ];
  await note(...requests);
  await tellAnswers(test.database, { process: 5, answeredBeforeMs: atMs, lost: ["f3".repeat(20)] });
  await forgetAnswered(test.database, atMs - 600_000);
  expect(await answers(...requests)).toEqual(["02 open", "04 lost", "05 open", "f3 lost"]);
});
