import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { testDatabase, type TestDatabase } from "../postgres/harness.ts";
import { soak } from "../soak.ts";
import { IngestProcess } from "./ingest-process.ts";
import { numberedLoad } from "./numbered-load.ts";
import { expectStoredOnce } from "./stored-numbers.ts";

const kills = 6 * soak;
let test: TestDatabase;
let ingest: IngestProcess;

beforeAll(async () => {
  test = await testDatabase();
  ingest = await IngestProcess.on(test.url);
});
afterAll(async () => {
  await ingest.stop();
  await test.drop();
});

it(
  "has every acknowledged span and line once, and none twice, however often ingest is killed",
  async () => {
    await ingest.start();
    const load = numberedLoad(ingest.url);
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(250 + 130 * (kill % 6));
      await ingest.kill();
      await ingest.start();
    }
    await sleep(300);
    const sent = await load.stop();
    expect(sent.resent).toBeGreaterThan(0);
    expect(sent.acknowledged.size).toBeGreaterThan(1_000);
    await expectStoredOnce(test.database, sent);
  },
  180_000 * soak,
);
