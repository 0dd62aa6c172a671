import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { lossyWire, type LossyWire } from "./lossy-wire.ts";
import { numberedLoad } from "./numbered-load.ts";
import { expectStoredOnce } from "./stored-numbers.ts";

let test: TestDatabase;
let wire: LossyWire;
let ingest: IngestProcess;

beforeAll(async () => {
  test = await testDatabase();
  wire = await lossyWire(test.url);
  ingest = await IngestProcess.on(wire.url);
  await ingest.start();
});
afterAll(async () => {
  await ingest.stop();
  await wire.close();
  await test.drop();
});

it("stores nothing twice when the database commits and its answer is lost", async () => {
  const load = numberedLoad(ingest.url);
  wire.loseEvery(3);
  await sleep(2_000 * soak);
  // So many that a group is given up, and its senders are told to send it again.
  wire.loseEvery(1);
  await sleep(6_000);
  wire.loseEvery(0);
  await sleep(500);
  const sent = await load.stop();
  expect(wire.lost()).toBeGreaterThan(5);
  await expectStoredOnce(test.database, sent);
});
