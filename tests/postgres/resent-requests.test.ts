import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, expect, it } from "vitest";

import { queryProxies } from "#lib/query/proxies.ts";
import { openIngest, type Ingest } from "#lib/run/ingest.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

import { storedNumbers } from "../processes/stored-numbers.ts";
import { testDatabase, type TestDatabase } from "./harness.ts";

const project = 1;
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const digests = new Map<number, string>();

async function send(ingest: Ingest, number: number, delivered: Promise<boolean>): Promise<void> {
  const record = {
    msec: (Date.now() / 1_000).toFixed(3),
    request: `GET /numbered/${number} HTTP/1.1`,
    status: "200",
    request_time: "0.010",
  };
  const digest = digests.get(number) ?? randomBytes(20).toString("hex");
  digests.set(number, digest);
  const query = new URLSearchParams("format=nginx&proxy=resent");
  const body = Buffer.from(`${JSON.stringify(record)}\n`);
  const facts = { wireBytes: body.length, receivedAtMs: Date.now(), digest, delivered };
  const result = await ingest.intake.accessLogs(body, query, facts);
  expect(result).toMatchObject({ kind: "accepted" });
}

function opened(metrics = createMetrics()): Promise<Ingest> {
  return openIngest(test.database, { project, metrics });
}

const arrives = Promise.resolve(true);
const isLost = Promise.resolve(false);

async function expectStored(numbers: readonly number[]): Promise<void> {
  expect((await storedNumbers(test.database)).toSorted((a, b) => a - b)).toEqual(numbers);
  const window = { fromMs: Date.now() - 600_000, toMs: Date.now() + 60_000 };
  const [proxy] = await queryProxies(test.database, { project, window });
  expect(proxy?.requests).toBe(numbers.length);
}

it("a line that is stored already stays so when the commit of those beside it fails and is tried again", async () => {
  const gone = await opened();
  await send(gone, 1, isLost);
  await gone.drained();
  const metrics = createMetrics();
  const ingest = await opened(metrics);
  const holder = await test.database.pool.connect();
  try {
    await holder.query("BEGIN");
    // What is left to commit waits for this table, and gives up after 5 s.
    await holder.query("LOCK TABLE rollup_open IN ACCESS EXCLUSIVE MODE");
    const sending = [send(ingest, 1, arrives), send(ingest, 2, arrives)];
    const failures = /viascope_ingest_commit_failures_total 1\n/;
    await expect.poll(() => metrics.text(), { timeout: 15_000 }).toMatch(failures);
    await holder.query("ROLLBACK");
    await Promise.all(sending);
  } finally {
    holder.release();
  }
  await expectStored([1, 2]);
  // Its sender has the answer now, so that an equal one is another.
  await send(ingest, 1, arrives);
  await expectStored([1, 1, 2]);
  await ingest.drained();
});
